#include <array>
#include <cerrno>
#include <new>
#include <optional>

#include "core/disk_space.h"
#include "datasets/engine_state.h"

namespace tallymill {
namespace {

struct MessageKind {
  std::string_view prefix;
  ErrorClass error_class;
};

/// How DuckDB's messages begin; what is not listed is somebody's SQL.
constexpr std::array kKinds{
    MessageKind{"Out of Memory Error: ", ErrorClass::memory},
    MessageKind{"IO Error: ", ErrorClass::transient},
    MessageKind{"Out of Range Error: ", ErrorClass::data},
    MessageKind{"Conversion Error: ", ErrorClass::data},
    MessageKind{"Decimal Error: ", ErrorClass::data},
    MessageKind{"Divide by Zero Error: ", ErrorClass::data},
    MessageKind{"INTERNAL Error: ", ErrorClass::bug},
    MessageKind{"FATAL Error: ", ErrorClass::bug},
    MessageKind{"Serialization Error: ", ErrorClass::bug},
};

/// Cuts "Binder Error: " and the like.
std::string_view without_kind(std::string_view message) {
  constexpr std::string_view kEnd = " Error: ";
  const std::size_t end = message.find(kEnd);
  if (end == std::string_view::npos || end > 24) return message;
  return message.substr(end + kEnd.size());
}

bool mentions(std::string_view message, std::string_view sign) {
  return message.find(sign) != std::string_view::npos;
}

/// The file between double quotes that a message names; empty if there is none.
std::filesystem::path named_file(std::string_view message) {
  const std::size_t start = message.find("\"/");
  if (start == std::string_view::npos) return {};
  const std::size_t end = message.find('"', start + 1);
  return end == std::string_view::npos ? std::filesystem::path()
                                       : message.substr(start + 1, end - start - 1);
}

/// DuckDB says "IO Error: ... "FILE": No space left on device", and of spilling also that its own
/// limit, a share of what was free when it was opened, is used up.
std::optional<Error> full_disk_error(std::string_view message, const std::filesystem::path& spill) {
  const bool limit = mentions(message, "max_temp_directory_size");
  if (limit)
    return Error(ErrorClass::transient,
                 "the rows do not fit into memory, and to spill them needs more room than there is "
                 "on " +
                     disk_text(spill) + "; make room, then run again");
  const bool quota = mentions(message, "Disk quota exceeded");
  if (!quota && !mentions(message, "No space left on device")) return std::nullopt;
  const std::filesystem::path file = named_file(message);
  return file_problem("write", file.empty() ? spill : file, quota ? EDQUOT : ENOSPC);
}

std::string statement_start(std::string_view sql) {
  constexpr std::size_t kShown = 300;
  std::string start(sql.substr(0, kShown));
  // A cut inside a UTF-8 sequence would make the message invalid.
  if (sql.size() > kShown) {
    while (!start.empty() && (static_cast<unsigned char>(start.back()) & 0xC0U) == 0x80U)
      start.pop_back();
    if (!start.empty() && static_cast<unsigned char>(start.back()) >= 0x80U) start.pop_back();
    start += "...";
  }
  return start;
}

}  // namespace

Error error_from_duckdb(std::string_view message, const std::filesystem::path& spill) {
  if (const auto full = full_disk_error(message, spill)) return *full;
  // What follows are settings of DuckDB that nobody can reach from here.
  message = message.substr(0, message.find("\n\nPossible solutions:"));
  ErrorClass error_class = ErrorClass::config;
  for (const MessageKind& kind : kKinds)
    if (message.starts_with(kind.prefix)) error_class = kind.error_class;
  return Error(error_class, std::string(without_kind(message)));
}

void EngineState::forget_kept() {
  const std::lock_guard lock(mutex_);
  kept_ = nullptr;
}

void EngineState::keep(std::exception_ptr exception) noexcept {
  const std::lock_guard lock(mutex_);
  if (!kept_) kept_ = std::move(exception);
}

void EngineState::fail(std::string_view message, std::string_view sql) {
  std::exception_ptr kept;
  {
    const std::lock_guard lock(mutex_);
    kept = std::exchange(kept_, nullptr);
  }
  const std::string context = "running SQL: " + statement_start(sql);
  if (kept) {
    try {
      std::rethrow_exception(kept);
    } catch (Error& error) {
      // TRY() in SQL swallows a callback's error; the statement may have failed of another.
      if (message.find(error.message()) != std::string_view::npos) {
        error.add_context(context);
        throw;
      }
    } catch (const std::bad_alloc&) {
      throw Error(ErrorClass::memory, "out of memory in a function called from SQL")
          .add_context(context);
    } catch (const std::exception&) {
    }
  }
  throw error_from_duckdb(message, temp_folder).add_context(context);
}

}  // namespace tallymill
