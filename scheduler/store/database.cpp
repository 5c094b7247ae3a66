#include "scheduler/store/database.h"

#include <soci/soci.h>

#include <deque>
#include <map>

#include "scheduler/store/dialect.h"

namespace tallymill {
namespace {

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

}  // namespace

struct Database::Session {
  soci::session session;
  std::map<std::string, std::unique_ptr<Prepared>, std::less<>> statements;
  std::unique_ptr<NativeStatements> native;

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

Database::Database(const StoreAddress& address, Mode mode)
    : address_(address),
      dialect_(address.is_server() ? &postgresql_dialect() : &sqlite_dialect()),
      session_(std::make_unique<Session>()) {
  try {
    dialect_->open(session_->session, address_, mode);
    session_->native = dialect_->native(session_->session);
  } catch (const soci::soci_error& error) {
    throw dialect_->problem(error, address_);
  }
}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;

std::int64_t Database::execute(std::string_view sql, const std::vector<StoreValue>& parameters) {
  try {
    if (session_->native) return session_->native->execute(sql, parameters);
    Prepared& prepared = session_->prepared(sql, parameters, {});
    prepared.set(parameters);
    prepared.statement.execute(true);
    return prepared.statement.get_affected_rows();
  } catch (const soci::soci_error& error) {
    session_->forget(sql);
    throw dialect_->problem(error, address_);
  }
}

std::vector<SqlRow> Database::select(std::string_view sql, std::string_view types,
                                     const std::vector<StoreValue>& parameters) {
  std::vector<SqlRow> rows;
  each(sql, types, parameters, [&](SqlRow& row) { rows.push_back(std::move(row)); });
  return rows;
}

void Database::each(std::string_view sql, std::string_view types,
                    const std::vector<StoreValue>& parameters,
                    const std::function<void(SqlRow&)>& take) {
  try {
    if (session_->native) return session_->native->each(sql, types, parameters, take);
    Prepared& prepared = session_->prepared(sql, parameters, types);
    prepared.set(parameters);
    prepared.statement.execute();
    SqlRow row;
    // Fetched to the end: an unfinished select would keep its read transaction open.
    while (prepared.statement.fetch()) {
      row.texts_.resize(types.size());
      row.integers_.assign(prepared.out_integers.begin(), prepared.out_integers.end());
      for (std::size_t i = 0; i < types.size(); ++i)
        if (types[i] == 't') row.texts_[i].swap(prepared.out_texts[i]);
      take(row);
    }
  } catch (const soci::soci_error& error) {
    session_->forget(sql);
    throw dialect_->problem(error, address_);
  }
}

void Database::begin() {
  execute(dialect_->begin());
  in_transaction_ = true;
}

void Database::begin_snapshot() {
  execute(dialect_->begin_snapshot());
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
    // The database has rolled back by itself, after a failed commit or with the connection.
  }
  in_transaction_ = false;
}

}  // namespace tallymill
