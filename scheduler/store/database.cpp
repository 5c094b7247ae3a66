#include "scheduler/store/database.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <array>
#include <deque>
#include <map>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr int kIoError = 10;
constexpr int kCorrupt = 11;
constexpr int kFull = 13;
constexpr int kCannotOpen = 14;
constexpr int kNotADatabase = 26;

/// SOCI puts the name of its own function first.
std::string without_function(const std::string& message) {
  constexpr std::string_view kPrefix = "sqlite3_";
  const std::size_t end = message.find(": ");
  if (!message.starts_with(kPrefix) || end == std::string::npos) return message;
  return message.substr(end + 2);
}

[[noreturn]] void rethrow(const soci::soci_error& error, const std::filesystem::path& file) {
  std::string hint;
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    const int code = sqlite->result() & 0xff;
    // Growing the index beside the log fails as a mere I/O error, opening it as "cannot open".
    const bool may_be_full = code == kIoError || code == kCannotOpen;
    if (code == kFull || (may_be_full && is_disk_nearly_full(file)))
      throw file_problem("write the store", file, ENOSPC);
    if (code == kCorrupt || code == kNotADatabase)
      hint = "; the file is damaged: restore the state folder from a backup";
  }
  throw Error(ErrorClass::transient, "the store '" + file.string() + "' failed: " +
                                         without_function(error.get_error_message()) + hint);
}

/// A prepared statement with the variables it is bound to; SOCI keeps references to them.
struct Prepared {
  explicit Prepared(soci::session& session) : statement(session) {}

  void prepare(std::string_view sql, const std::vector<StoreValue>& parameters,
               std::string_view types) {
    statement.alloc();
    statement.prepare(std::string(sql));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::string name = "p" + std::to_string(i);
      in_texts.emplace_back();
      in_integers.emplace_back();
      if (std::holds_alternative<std::string_view>(parameters[i]))
        statement.exchange(soci::use(in_texts.back(), name));
      else
        statement.exchange(soci::use(in_integers.back(), name));
    }
    for (const char type : types) {
      out_texts.emplace_back();
      out_integers.emplace_back();
      if (type == 't')
        statement.exchange(soci::into(out_texts.back()));
      else
        statement.exchange(soci::into(out_integers.back()));
    }
    statement.define_and_bind();
  }

  void set(const std::vector<StoreValue>& parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (const auto* text = std::get_if<std::string_view>(&parameters[i]))
        in_texts[i] = *text;
      else
        in_integers[i] = std::get<std::int64_t>(parameters[i]);
  }

  soci::statement statement;
  // Deques: SOCI holds references, so elements must not move.
  std::deque<std::string> in_texts;
  std::deque<long long> in_integers;
  std::deque<std::string> out_texts;
  std::deque<long long> out_integers;
};

/// Whoever reads a store makes a small index file of its write-ahead log beside it. A full disk has
/// no room for one, but with no log there is nothing to index: the file is all there is, and
/// `status` must work above all when the disk is full.
bool must_read_without_index(const std::filesystem::path& file) {
  std::error_code none;
  const auto log = std::filesystem::file_size(file.string() + "-wal", none);
  return (none || log == 0) && is_disk_nearly_full(file);
}

/// SQLite's URI for a file that nobody changes: no locks, no index.
std::string unchanging(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    if (c == '/')
      uri += c;
    else
      uri += percent_encode(std::string_view(&c, 1));
  }
  return uri + "?immutable=1";
}

std::string connect_string(const std::filesystem::path& file, Database::Mode mode) {
  std::string name = file.string();
  if (mode == Database::Mode::read && must_read_without_index(file)) name = unchanging(file);
  // The busy timeout (seconds) covers a checkpoint in progress; there is only one writer.
  return "dbname=\"" + name + "\" timeout=10" +
         (mode == Database::Mode::read ? " readonly=true" : "");
}

}  // namespace

struct Database::Session {
  soci::session session;
  std::map<std::string, std::unique_ptr<Prepared>, std::less<>> statements;

  Prepared& prepared(std::string_view sql, const std::vector<StoreValue>& parameters,
                     std::string_view types) {
    if (const auto found = statements.find(sql); found != statements.end()) return *found->second;
    auto made = std::make_unique<Prepared>(session);
    made->prepare(sql, parameters, types);
    return *statements.emplace(std::string(sql), std::move(made)).first->second;
  }

  /// A statement that failed half-way is not executed again.
  void forget(std::string_view sql) {
    if (const auto found = statements.find(sql); found != statements.end()) statements.erase(found);
  }
};

Database::Database(const std::filesystem::path& file, Mode mode)
    : file_(file), session_(std::make_unique<Session>()) {
  try {
    session_->session.open(soci::sqlite3, connect_string(file, mode));
    if (mode == Mode::write) {
      std::string journal;
      session_->session << "pragma journal_mode = wal", soci::into(journal);
      session_->session << "pragma synchronous = full";
    }
  } catch (const soci::soci_error& error) {
    rethrow(error, file_);
  }
}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;

std::int64_t Database::execute(std::string_view sql, const std::vector<StoreValue>& parameters) {
  try {
    Prepared& prepared = session_->prepared(sql, parameters, {});
    prepared.set(parameters);
    prepared.statement.execute(true);
    return prepared.statement.get_affected_rows();
  } catch (const soci::soci_error& error) {
    session_->forget(sql);
    rethrow(error, file_);
  }
}

std::vector<SqlRow> Database::select(std::string_view sql, std::string_view types,
                                     const std::vector<StoreValue>& parameters) {
  std::vector<SqlRow> rows;
  try {
    Prepared& prepared = session_->prepared(sql, parameters, types);
    prepared.set(parameters);
    prepared.statement.execute();
    // Fetched to the end: an unfinished select would keep its read transaction open.
    while (prepared.statement.fetch()) {
      SqlRow& row = rows.emplace_back();
      row.texts_.assign(prepared.out_texts.begin(), prepared.out_texts.end());
      row.integers_.assign(prepared.out_integers.begin(), prepared.out_integers.end());
    }
  } catch (const soci::soci_error& error) {
    session_->forget(sql);
    rethrow(error, file_);
  }
  return rows;
}

void Database::begin() {
  execute("begin immediate");
  in_transaction_ = true;
}

void Database::commit() {
  execute("commit");
  in_transaction_ = false;
}

void Database::rollback() noexcept {
  try {
    if (in_transaction_) execute("rollback");
  } catch (const std::exception&) {
    // SQLite has rolled back by itself after a failed commit.
  }
  in_transaction_ = false;
}

}  // namespace tallymill
