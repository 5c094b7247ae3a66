#include "scheduler/store.h"

#include <algorithm>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/crash_point.h"
#include "scheduler/machine.h"
#include "scheduler/store/dialect.h"
#include "scheduler/store/event_text.h"
#include "scheduler/store/migrations.h"

namespace tallymill {
namespace {

/// This start of the machine, as the kernel names it.
std::string boot_id() {
  try {
    return std::string(trim(read_file("/proc/sys/kernel/random/boot_id")));
  } catch (const Error&) {
    return {};
  }
}

std::filesystem::path boot_file(const std::filesystem::path& file) {
  return file.string() + ".boot";
}

/// A write-ahead log that was not folded in means that the last writer did not close the store. If
/// it only was killed, the kernel has kept all it had written: SQLite goes on from there. If the
/// machine went down meanwhile, the disk may have kept one write and lost another.
bool may_be_damaged(const StoreAddress& address) {
  if (address.is_server()) return false;
  std::error_code none;
  const auto size = std::filesystem::file_size(address.file().string() + "-wal", none);
  if (none || size == 0) return false;
  try {
    const std::string boot = boot_id();
    return boot.empty() || read_file(boot_file(address.file())) != boot;
  } catch (const Error&) {
    return true;
  }
}

/// Best effort: without it the next start after a kill checks the file, which takes longer.
void note_boot(const StoreAddress& address) {
  if (address.is_server()) return;
  try {
    const std::string boot = boot_id();
    std::error_code none;
    if (std::filesystem::exists(boot_file(address.file()), none) &&
        read_file(boot_file(address.file())) == boot)
      return;
    write_file_durably(boot_file(address.file()), boot, 0600);
  } catch (const Error&) {
  }
}

void require_sound_file(Database& database) {
  const std::string damage = database.dialect().damage(database);
  if (damage.empty()) return;
  throw Error(ErrorClass::transient, database.address().text() +
                                         " is damaged after an unclean stop: " + damage +
                                         "; restore the state folder from a backup");
}

std::string text_of(const std::exception& error) {
  const auto* ours = dynamic_cast<const Error*>(&error);
  return ours ? ours->message() : error.what();
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
       stored.event.why, stored.body, stored.previous, stored.hash});
}

Store::Store(const StoreAddress& address, std::string who, const StoreOpening& opening)
    : may_be_damaged_(may_be_damaged(address)),
      database_(address, Database::Mode::write),
      view_(database_),
      who_(std::move(who)) {
  if (may_be_damaged_) require_sound_file(database_);
  note_boot(address);
  migrate(database_);
  load();
  if (!opening.expected_id.empty()) require_expected(opening.expected_id);
  if (head_.number == 0) create(opening.state_folder);
}

Store::~Store() { database_.rollback(); }

void Store::require_expected(const std::string& expected_id) const {
  if (store_id_ == expected_id) return;
  throw Error(ErrorClass::config,
              database_.address().text() +
                  (store_id_.empty() ? " is empty" : " has the id " + store_id_) +
                  ", but this state folder belongs to the store " + expected_id +
                  "; put that one back, restore a backup with 'tallymill restore', or move the "
                  "state folder away to begin anew");
}

void Store::require_sound() const {
  if (!failure_.empty()) throw Error(ErrorClass::transient, failure_);
}

void Store::load() {
  head_ = committed_ = read_head(database_);
  for (const SqlRow& row : database_.select("select key, value from meta", "tt")) {
    if (row.text(0) == "store_id") store_id_ = row.text(1);
    if (row.text(0) == "state_folder") state_folder_ = row.text(1);
  }
}

void Store::create(const std::string& state_folder) {
  json::object body{{"store_id", random_hex(16)}};
  if (!state_folder.empty()) body["state_folder"] = state_folder;
  append({"store_created", "", "", "", std::move(body)});
  commit();
  load();
}

std::int64_t Store::append(Event event) {
  require_sound();
  try {
    const StoredEvent stored = append_one(std::move(event));
    if (follow_up_)
      for (Event& next : follow_up_(stored)) append_one(std::move(next));
    return stored.number;
  } catch (const std::exception& error) {
    // A part of a change may be behind us: this must never be committed.
    failure_ = text_of(error);
    throw;
  }
}

std::int64_t Store::append_after_gap(Event event, std::int64_t at_least) {
  require_sound();
  return append_one(std::move(event), at_least).number;
}

StoredEvent Store::append_one(Event event, std::int64_t at_least) {
  if (!database_.in_transaction()) database_.begin();
  crash_point();
  StoredEvent stored{.number = std::max(head_.number + 1, at_least),
                     .at = utc_now(),
                     .who = who_,
                     .event = std::move(event),
                     .previous = head_.hash,
                     .hash = {},
                     .body = {}};
  stored.body = settle_texts(stored.event);
  stored.hash = hash_of(stored);
  insert_event(database_, stored);
  apply_event(database_, stored);
  head_ = {stored.number, stored.hash};
  ++uncommitted_;
  return stored;
}

void Store::commit() {
  require_sound();
  if (!database_.in_transaction()) return;
  crash_point();
  try {
    database_.commit();
  } catch (const std::exception& error) {
    failure_ = text_of(error);
    throw;
  }
  uncommitted_ = 0;
  committed_ = head_;
  crash_point();
}

}  // namespace tallymill
