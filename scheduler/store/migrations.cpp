#include "scheduler/store/migrations.h"

#include <array>
#include <span>
#include <string>

#include "core/error.h"
#include "scheduler/store/dialect.h"

namespace tallymill {
namespace {

// Integers are BIGINT: the database library reads a column declared INTEGER as 32 bits.
// Nothing is NULL: an absent text is '', an absent number 0.

/// 1: the event chain and the tables it is applied to.
constexpr std::array<std::string_view, 19> kFirst{
    "create table meta (key text primary key, value text not null)",

    "create table event (number bigint primary key, at text not null, who text not null,"
    " kind text not null, run text not null, job text not null, why text not null,"
    " body text not null, previous text not null, hash text not null)",

    "create table run (id text primary key, graph text not null, period text not null,"
    " number bigint not null, of_run text not null, state text not null, who text not null,"
    " as_of text not null, params text not null, forced text not null, options text not null,"
    " event bigint not null, started_at text not null, ended_at text not null,"
    " verdict text not null)",
    "create unique index run_number on run (graph, period, number)",
    "create index run_event on run (event)",

    "create table run_file (run text not null, path text not null, sha256 text not null,"
    " primary key (run, path))",

    "create table job_run (run text not null, job text not null, partition text not null,"
    " graph text not null, period text not null, position bigint not null, state text not null,"
    " is_open bigint not null, reason text not null, attempts bigint not null,"
    " fingerprint text not null, retry_at text not null, changed_at text not null,"
    " primary key (run, job, partition))",
    // Nothing happens twice: whatever runs exist, one of them at most owns a job of a period.
    "create unique index job_run_open on job_run (graph, job, period, partition)"
    " where is_open = 1",

    "create table pin (run text not null, dataset text not null, period text not null,"
    " partition text not null, version text not null, digest text not null,"
    " primary key (run, dataset, period, partition))",

    "create table attempt (id text primary key, run text not null, job text not null,"
    " partition text not null, number bigint not null, state text not null, epoch bigint not null,"
    " nonce text not null, threads bigint not null, started_at text not null,"
    " ended_at text not null, outcome text not null, error_class text not null,"
    " error text not null, rows_in bigint not null, rows_out bigint not null,"
    " rows_rejected bigint not null, findings_error bigint not null, findings_warn bigint not null,"
    " cpu_ms bigint not null, memory_bytes bigint not null)",
    "create unique index attempt_number on attempt (run, job, partition, number)",
    "create index attempt_open on attempt (state) where state = 'starting'",

    "create table version (dataset text not null, id text not null, period text not null,"
    " partition text not null, graph text not null, job text not null, run text not null,"
    " evidence bigint not null, row_count bigint not null, digest text not null,"
    " provenance text not null, amounts text not null, gates text not null,"
    " event bigint not null, published_at text not null, visible bigint not null,"
    " primary key (dataset, id))",
    "create unique index version_visible on version (dataset, period, partition)"
    " where visible = 1",
    "create index version_maker on version (graph, period, job) where visible = 1",

    "create table verdict (dataset text not null, version text not null, gate text not null,"
    " fingerprint text not null, passed bigint not null, event bigint not null,"
    " primary key (dataset, version, gate))",

    "create table result (graph text not null, period text not null, job text not null,"
    " partition text not null, attempt text not null, fingerprint text not null,"
    " source_state text not null, ledger text not null, rows_in bigint not null,"
    " rows_out bigint not null, rows_rejected bigint not null, findings_error bigint not null,"
    " findings_warn bigint not null, gate_passed bigint not null, event bigint not null,"
    " primary key (graph, period, job, partition))",

    "create table result_input (graph text not null, period text not null, job text not null,"
    " partition text not null, dataset text not null, input_period text not null,"
    " input_partition text not null, version text not null, digest text not null,"
    " primary key (graph, period, job, partition, dataset, input_period, input_partition))",
    "create index result_input_reader on result_input (dataset, input_period, input_partition)",
};

/// 2: the outbox: what people are to be told, written with the event that causes it.
constexpr std::array<std::string_view, 3> kNotifications{
    "create table notification (id text not null, channel text not null, kind text not null,"
    " run text not null, job text not null, subject text not null, message text not null,"
    " event bigint not null, queued_at text not null, state text not null, tries bigint not null,"
    " next_at text not null, ended_at text not null, error text not null,"
    " primary key (id, channel))",
    "create index notification_open on notification (event) where state <> 'delivered'",
    "create index notification_subject on notification (subject, kind)",
};

/// 3: why an attempt was asked to end; what a service fires by itself.
constexpr std::array<std::string_view, 4> kService{
    "alter table attempt add column stop text not null default ''",

    // Up to where a trigger of a graph has been looked at, and for which of its texts.
    "create table trigger_mark (graph text not null, cause text not null, item text not null,"
    " state text not null, event bigint not null, primary key (graph, cause, item))",

    // Runs that are due and wait for an earlier one to end.
    "create table due_run (graph text not null, period text not null, due text not null,"
    " cause text not null, event bigint not null, primary key (graph, period, due))",
    "create index due_run_event on due_run (event)",
};

/// 4: the values of indicators, which conditions of later jobs ask, why a job had to run, and
/// missed deadlines.
constexpr std::array<std::string_view, 3> kFlow{
    "alter table job_run add column cause text not null default ''",
    "alter table result add column indicators text not null default ''",
    "create table missed_deadline (run text not null, job text not null, dataset text not null,"
    " deadline text not null, event bigint not null, missed_at text not null,"
    " primary key (run, job, dataset))",
};

/// 5: lists of partitions that runs have made.
constexpr std::array<std::string_view, 1> kPartitionLists{
    "create table partition_list (graph text not null, period text not null, job text not null,"
    " partitions text not null, event bigint not null, primary key (graph, period, job))",
};

/// 6: backfills, and which run of theirs is about which period.
constexpr std::array<std::string_view, 3> kBackfills{
    "create table backfill (name text primary key, graph text not null,"
    " first_period text not null, last_period text not null, options text not null,"
    " who text not null, event bigint not null, started_at text not null, ended_at text not null,"
    " verdict text not null)",
    "create index backfill_graph on backfill (graph, event)",
    "create table backfill_run (name text not null, run text not null, period text not null,"
    " event bigint not null, primary key (name, run))",
};

/// 7: what is asked often is found without walking the history; what retention took is marked.
constexpr std::array<std::string_view, 3> kIndices{
    "create index run_graph on run (graph, event)",
    "create index run_unfinished on run (event) where state <> 'ended'",
    "alter table version add column removed bigint not null default 0",
};

/// 8: what exactly had changed for a job that ran again, and what is left of reruns that go on into
/// other graphs.
constexpr std::array<std::string_view, 3> kExplained{
    "alter table job_run add column changes text not null default ''",
    "create table rerun_cascade (run text primary key, steps text not null, done bigint not null,"
    " who text not null, event bigint not null, started_at text not null, ended_at text not null,"
    " verdict text not null, current text not null)",
    "create index rerun_cascade_open on rerun_cascade (event) where ended_at = ''",
};

/// 9: the text of every version of a rule, what people decided about them, what shadows saw.
constexpr std::array<std::string_view, 5> kRuleVersions{
    "create table rule_version (rule text not null, version text not null, path text not null,"
    " sha256 text not null, body text not null, required text not null, rule_abi bigint not null,"
    " who text not null, event bigint not null, kept_at text not null,"
    " primary key (rule, version))",
    "create table rule_change (event bigint primary key, rule text not null, kind text not null,"
    " version text not null, from_period text not null, who text not null,"
    " changed_at text not null, why text not null)",
    "create index rule_change_rule on rule_change (rule, event)",
    "create table rule_shadow (attempt text not null, rule text not null, version text not null,"
    " run text not null, job text not null, row_count bigint not null, changed bigint not null,"
    " answer text not null, event bigint not null, seen_at text not null,"
    " primary key (attempt, rule))",
    "create index rule_shadow_rule on rule_shadow (rule, event)",
};

/// 10: what people say of rows that left their jobs.
constexpr std::array<std::string_view, 2> kCorrections{
    "create table correction (event bigint primary key, graph text not null, period text not null,"
    " job text not null, version text not null, file text not null, row_count bigint not null,"
    " body text not null, who text not null, imported_at text not null, why text not null)",
    "create index correction_job on correction (graph, period, job, event)",
};

/// 11: what checks measured, for later periods to be compared with.
constexpr std::array<std::string_view, 1> kMeasures{
    "create table measure (graph text not null, job text not null, partition text not null,"
    " period text not null, name text not null, value text not null, attempt text not null,"
    " event bigint not null, primary key (graph, job, partition, period, name))",
};

struct Migration {
  int number;
  std::span<const std::string_view> statements;
};

constexpr std::array kMigrations{
    Migration{1, kFirst},        Migration{2, kNotifications},  Migration{3, kService},
    Migration{4, kFlow},         Migration{5, kPartitionLists}, Migration{6, kBackfills},
    Migration{7, kIndices},      Migration{8, kExplained},      Migration{9, kRuleVersions},
    Migration{10, kCorrections}, Migration{11, kMeasures}};

Error other_schema(const Database& database, int found, const std::string& advice) {
  return Error(ErrorClass::config, database.address().text() + " has schema " +
                                       std::to_string(found) + ", this tallymill " +
                                       std::to_string(latest_schema()) + "; " + advice);
}

void require_not_newer(const Database& database, int found) {
  if (found > latest_schema())
    throw other_schema(database, found, "a newer tallymill wrote it: use that one");
}

}  // namespace

int latest_schema() { return kMigrations.back().number; }

int schema_of(Database& database) { return database.dialect().schema(database); }

void migrate(Database& database) {
  const int found = schema_of(database);
  require_not_newer(database, found);
  for (const Migration& migration : kMigrations) {
    if (migration.number <= found) continue;
    database.begin();
    for (const std::string_view statement : migration.statements)
      database.execute(database.dialect().definition(statement));
    database.dialect().set_schema(database, migration.number);
    database.commit();
  }
}

void require_latest_schema(Database& database) {
  const int found = schema_of(database);
  require_not_newer(database, found);
  if (found < latest_schema())
    throw other_schema(database, found, "any 'tallymill run' brings it up to date");
}

}  // namespace tallymill
