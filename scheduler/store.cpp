#include "scheduler/store.h"

#include "core/error.h"
#include "scheduler/crash_point.h"
#include "scheduler/machine.h"
#include "scheduler/store/migrations.h"

namespace tallymill {
namespace {

/// A write-ahead log that was not folded in means that the last writer did not close the store.
bool has_leftover_log(const std::filesystem::path& file) {
  std::error_code none;
  const auto size = std::filesystem::file_size(file.string() + "-wal", none);
  return !none && size > 0;
}

void require_sound_file(Database& database) {
  const auto rows = database.select("select quick_check from pragma_quick_check limit 3", "t");
  if (rows.size() == 1 && rows[0].text(0) == "ok") return;
  throw Error(ErrorClass::transient, "the store '" + database.file().string() +
                                         "' is damaged after an unclean stop: " +
                                         (rows.empty() ? "no answer" : rows[0].text(0)) +
                                         "; restore the state folder from a backup");
}

ChainHead read_head(Database& database) {
  const auto rows =
      database.select("select number, hash from event order by number desc limit 1", "it");
  if (rows.empty()) return {};
  return {rows[0].integer(0), rows[0].text(1)};
}

}  // namespace

void insert_event(Database& database, const StoredEvent& stored) {
  database.execute(
      "insert into event (number, at, who, kind, run, job, why, body, previous, hash)"
      " values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9)",
      {stored.number, stored.at, stored.who, stored.event.kind, stored.event.run, stored.event.job,
       stored.event.why, json::serialize(stored.event.body), stored.previous, stored.hash});
}

Store::Store(const std::filesystem::path& file, std::string who)
    : was_unclean_(has_leftover_log(file)),
      database_(file, Database::Mode::write),
      view_(database_),
      who_(std::move(who)) {
  migrate(database_);
  if (was_unclean_) require_sound_file(database_);
  load();
  if (head_.number == 0) create();
}

Store::~Store() { database_.rollback(); }

void Store::load() {
  head_ = committed_ = read_head(database_);
  const auto rows = database_.select("select value from meta where key = 'store_id'", "t");
  if (!rows.empty()) store_id_ = rows[0].text(0);
}

void Store::create() {
  append({"store_created", "", "", "", {{"store_id", random_hex(16)}}});
  commit();
  load();
}

std::int64_t Store::append(Event event) {
  const StoredEvent stored = append_one(std::move(event));
  if (follow_up_)
    for (Event& next : follow_up_(stored)) append_one(std::move(next));
  return stored.number;
}

StoredEvent Store::append_one(Event event) {
  if (!database_.in_transaction()) database_.begin();
  crash_point();
  StoredEvent stored{head_.number + 1, utc_now(), who_, std::move(event), head_.hash, {}};
  stored.hash = hash_of(stored);
  insert_event(database_, stored);
  apply_event(database_, stored);
  head_ = {stored.number, stored.hash};
  ++uncommitted_;
  return stored;
}

void Store::commit() {
  if (!database_.in_transaction()) return;
  crash_point();
  database_.commit();
  uncommitted_ = 0;
  committed_ = head_;
  crash_point();
}

}  // namespace tallymill
