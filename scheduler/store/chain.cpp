#include "core/error.h"
#include "scheduler/store.h"
#include "scheduler/store/copy.h"
#include "scheduler/store/migrations.h"

namespace tallymill {
namespace {

constexpr std::int64_t kBlock = 1000;

/// Events after number `after`, at most kBlock of them.
std::vector<StoredEvent> next_block(Database& database, std::int64_t after) {
  return read_events(database, "where number > :p0 order by number limit :p1", {after, kBlock});
}

std::string misfit(const StoredEvent& event, const ChainHead& before) {
  // A restore leaves a gap, and says so under its own hash.
  const bool may_jump = event.event.kind == kStoreRestored && event.number > before.number;
  if (event.number != before.number + 1 && !may_jump)
    return "event " + std::to_string(before.number + 1) + " is missing";
  if (event.previous != before.hash)
    return "event " + std::to_string(event.number) + " does not follow the event before it";
  if (hash_of(event) != event.hash)
    return "event " + std::to_string(event.number) + " was changed after it was written";
  return {};
}

}  // namespace

std::vector<StoredEvent> read_events(Database& database, std::string_view which,
                                     const std::vector<StoreValue>& parameters) {
  std::vector<StoredEvent> events;
  for (const SqlRow& row : database.select(
           "select number, at, who, kind, run, job, why, body, previous, hash from event " +
               std::string(which),
           "ittttttttt", parameters)) {
    StoredEvent event{.number = row.integer(0),
                      .at = row.text(1),
                      .who = row.text(2),
                      .event = {row.text(3), row.text(4), row.text(5), row.text(6), {}},
                      .previous = row.text(8),
                      .hash = row.text(9),
                      .body = row.text(7)};
    event.event.body = parse_json(event.body, "event " + std::to_string(event.number)).as_object();
    events.push_back(std::move(event));
  }
  return events;
}

ChainReport walk_chain(Database& database, const std::function<void(const StoredEvent&)>& take) {
  ChainReport report;
  for (;;) {
    const std::vector<StoredEvent> block = next_block(database, report.head.number);
    if (block.empty()) return report;
    for (const StoredEvent& event : block) {
      report.problem = misfit(event, report.head);
      if (!report.problem.empty()) {
        report.broken_at = report.head.number + 1;
        return report;
      }
      take(event);
      report.head = {event.number, event.hash};
      ++report.events;
    }
  }
}

ChainReport verify_chain(Database& database) {
  return walk_chain(database, [](const StoredEvent&) {});
}

std::string replay_difference(Database& database, const std::filesystem::path& copy) {
  Database replayed(copy, Database::Mode::write);
  migrate(replayed);
  replayed.begin();
  for (std::int64_t after = 0;;) {
    const std::vector<StoredEvent> block = next_block(database, after);
    if (block.empty()) break;
    for (const StoredEvent& event : block) apply_event(replayed, event);
    after = block.back().number;
  }
  replayed.commit();
  return different_table(database, replayed);
}

}  // namespace tallymill
