#include <array>
#include <new>

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

bool mentions_full_disk(std::string_view message) {
  for (const std::string_view sign :
       {"No space left on device", "Disk quota exceeded", "max_temp_directory_size"})
    if (message.find(sign) != std::string_view::npos) return true;
  return false;
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

Error error_from_duckdb(std::string_view message) {
  if (mentions_full_disk(message))
    return Error(ErrorClass::transient, "no space left on the disk of the state folder: " +
                                            std::string(without_kind(message)) +
                                            "; make room and run again");
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
  throw error_from_duckdb(message).add_context(context);
}

}  // namespace tallymill
