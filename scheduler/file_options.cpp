#include "scheduler/file_options.h"

#include "scheduler/notify/notify_reader.h"
#include "scheduler/option_words.h"
#include "scheduler/trigger_rule.h"

namespace tallymill {
namespace {

OptionSpec choice(std::string name, std::string summary, std::vector<std::string> choices,
                  std::string default_text = {}) {
  OptionSpec spec =
      option(std::move(name), OptionKind::choice, std::move(summary), std::move(default_text));
  spec.choices = std::move(choices);
  return spec;
}

OptionSpec object(std::string name, std::string summary, std::vector<OptionSpec> fields) {
  OptionSpec spec = option(std::move(name), OptionKind::object, std::move(summary));
  spec.fields = std::move(fields);
  return spec;
}

OptionSpec one_or_list(const std::string& name, std::string summary) {
  OptionSpec spec = option(name, OptionKind::either, std::move(summary));
  spec.fields = {option(name, OptionKind::name, "One name."),
                 list_of(name, OptionKind::name, "Several names.")};
  return spec;
}

/// The keys a graph's `defaults:` may set for its jobs.
std::vector<OptionSpec> running_options() {
  const std::string retried = "Attempts after one that failed";
  OptionSpec retries = option("retries", OptionKind::either, retried + ", by what failed.", "0");
  retries.fields = {
      option("retries", OptionKind::integer, retried + " by what may go away by itself."),
      object("retries", "By the class of what went wrong; other classes are never tried again.",
             {option("transient", OptionKind::integer, retried + " by what may go away.", "0"),
              option("memory", OptionKind::integer, retried + " for lack of memory; one thread.",
                     "1")})};
  return {
      std::move(retries),
      object("backoff", "How long to wait before the next attempt.",
             {option("first", OptionKind::duration, "Before the second attempt.", "30s"),
              option("factor", OptionKind::decimal, "Each wait is this many times the one before.",
                     "2"),
              option("max", OptionKind::duration, "No wait is longer.", "10m")}),
      option("timeout", OptionKind::duration, "An attempt that takes longer is killed.", "1h"),
      option("queue_timeout", OptionKind::duration,
             "A job that could start and gets no slot for longer has failed."),
      option("resource_pool", OptionKind::name, "A pool of the workspace's `resource_pools`.",
             "cpu"),
      option("priority", OptionKind::integer, "Larger goes first among ready jobs.", "0"),
  };
}

OptionSpec when_option() {
  const auto names = trigger_rule_names();
  const OptionSpec rule = choice("rule", "What the jobs before it must have come to.",
                                 {names.begin(), names.end()}, "all_success");
  OptionSpec both = object(
      "when", "A rule, a condition, or both.",
      {rule, option("if", OptionKind::text, "A condition; where it is false the job is skipped.")});
  OptionSpec when =
      option("when", OptionKind::either, "Whether the job runs at all; else it is skipped.");
  when.fields = {rule, std::move(both)};
  return when;
}

OptionSpec deadline_option(std::string name, std::string summary) {
  return object(std::move(name), std::move(summary),
                {required(option("at", OptionKind::text, "A time of day in the graph's zone.")),
                 option("day", OptionKind::text,
                        "An expression of the date language that is worth a day, e.g. workday(1).",
                        "period_last_day + 1")});
}

OptionSpec deadlines_option() {
  OptionSpec deadlines = option("deadlines", OptionKind::map,
                                "By when datasets must be there and have passed their gates.");
  deadlines.fields = {deadline_option("", "")};
  return deadlines;
}

OptionSpec partition_option(std::string summary) {
  const auto alternative = [](std::vector<OptionSpec> fields) {
    return object("values", "Where the values come from.", std::move(fields));
  };
  OptionSpec values = required(option("values", OptionKind::either, "The list of partitions."));
  values.fields = {
      list_of("values", OptionKind::text, "The values themselves."),
      alternative({required(option("table", OptionKind::text, "tables/<name>.csv, or its name.")),
                   required(option("column", OptionKind::column, "Its column of values."))}),
      alternative({required(option("dataset", OptionKind::name,
                                   "A dataset: its values are listed in each run.")),
                   required(option("column", OptionKind::column, "Its column of values."))}),
      alternative({required(
          option("job", OptionKind::name, "A job of this graph of type partition_values."))}),
      alternative({required(option("from", OptionKind::name, "A dataset, for a query.")),
                   required(option("sql", OptionKind::sql, "A SELECT of one column of text."))})};
  OptionSpec partition = option("partition", OptionKind::either, std::move(summary), "none");
  partition.fields = {
      choice("partition", "Not partitioned.", {"none"}),
      object("partition", "The second axis.",
             {required(option("name", OptionKind::name, "What the values are: city, branch.")),
              std::move(values)})};
  return partition;
}

OptionSpec schedule_option() {
  return object(
      "schedule", "When the graph runs by itself.",
      {required(option("cron", OptionKind::text,
                       "minute hour day month weekday, or six fields with the second first.")),
       option("days", OptionKind::text, "Which days count, e.g. nth_workday(3).", "every_day"),
       option("timezone", OptionKind::text, "An IANA zone, e.g. Asia/Shanghai.", "the workspace's"),
       option("calendar", OptionKind::name, "calendars/<name>.yaml, for work days.",
              "the workspace's"),
       object("dst", "What becomes of times when clocks change.",
              {choice("gap", "A time the clocks skip is due when they have jumped, or not at all.",
                      {"shift", "skip"}, "shift"),
               choice("overlap", "A time they show twice is due once, or each time.",
                      {"first", "both"}, "first")}),
       choice("catch_up", "What to do about fires that were missed.", {"all", "latest", "none"},
              "all"),
       choice("overlap", "What to do while an earlier run is active.",
              {"queue", "skip", "cancel_oldest"}, "queue"),
       option("period_offset", OptionKind::integer, "Periods to add to the one that just ended.",
              "0")});
}

OptionSpec triggers_option() {
  OptionSpec triggers =
      option("triggers", OptionKind::list, "What makes the graph run beside its schedule.");
  triggers.fields = {object(
      "", "One of `dataset` and `file`.",
      {option("dataset", OptionKind::text, "A dataset of another graph: when it is published."),
       option("file", OptionKind::text, "A path, with wildcards and ${period}: when it is there."),
       option("connector", OptionKind::name, "Below whose root the file lies.", "the workspace"),
       option("control", OptionKind::text, "The file that says that the others are whole."),
       option("quiet", OptionKind::duration, "Whole is what did not change for so long.")})};
  return triggers;
}

OptionSpec keep_rule(std::string name, std::string summary) {
  return object(std::move(name), std::move(summary),
                {option("days", OptionKind::integer, "What is younger stays."),
                 option("keep", OptionKind::integer, "So many of the newest stay, however old.")});
}

OptionSpec retention_option() {
  return object(
      "retention", "What `tallymill gc` may take away; without an entry it takes nothing of it.",
      {keep_rule("versions", "Superseded versions, of each dataset, period and partition."),
       keep_rule("logs", "Attempt folders of ended runs, by runs of each graph."),
       keep_rule("runs", "Ended runs of each graph, with all that is recorded about them.")});
}

OptionSpec store_option() {
  return object(
      "store", "Where runs, versions and the journal are recorded.",
      {choice("type", "A file in the state folder, or a database server.", {"sqlite", "postgresql"},
              "sqlite"),
       option("connect", OptionKind::text, "Of PostgreSQL, e.g. host=db dbname=books user=mill."),
       option("password", OptionKind::text, "Beside it, e.g. ${env:BOOKS_PASSWORD}."),
       option("password_file", OptionKind::path, "A file that holds nothing but the password.")});
}

}  // namespace

const std::vector<OptionSpec>& workspace_options() {
  static const std::vector<OptionSpec> options = [] {
    OptionSpec connectors =
        option("connectors", OptionKind::map, "The outside systems jobs read and write, by name.");
    connectors.fields = {option("", OptionKind::any, "A mapping with `type:` and its options.")};
    OptionSpec pools = option("resource_pools", OptionKind::map,
                              "Of the slots, how many jobs of each pool may run at once.");
    pools.fields = {option("", OptionKind::integer, "From 1 to 1024.")};
    return std::vector<OptionSpec>{
        required(option("workspace", OptionKind::name, "The workspace's name.")),
        object("currency", "The currency of every money column.",
               {required(option("code", OptionKind::text, "ISO 4217 letters.", "CNY")),
                option("scale", OptionKind::integer, "Digits behind the point.", "2")}),
        option("state", OptionKind::text, "The folder of store and datasets.", ".tallymill"),
        option("socket_dir", OptionKind::text,
               "The folder of the socket for `operators_group`, e.g. /run/tallymill.",
               "the state folder"),
        option("operators_group", OptionKind::text,
               "The group whose people may send requests to the scheduler."),
        store_option(),
        object("rules", "How a change of a rule comes to count.",
               {choice("approval",
                       "Whether the file counts as it stands, or a version that a second person "
                       "has approved and somebody has activated.",
                       {"none", "required"}, "none")}),
        retention_option(),
        option("slots", OptionKind::integer, "Jobs that may run at once.", "2"),
        pools,
        option("output_mib", OptionKind::integer,
               "MiB kept of what an attempt's process prints, on stdout and on stderr each.", "16"),
        option("timezone", OptionKind::text, "The zone of schedules, e.g. Asia/Shanghai.", "UTC"),
        option("calendar", OptionKind::name, "calendars/<name>.yaml, for work days."),
        connectors,
        channels_option(),
        notify_option(),
    };
  }();
  return options;
}

const std::vector<OptionSpec>& graph_options() {
  static const std::vector<OptionSpec> options{
      required(option("graph", OptionKind::name, "The graph's name, equal to the file's.")),
      option("description", OptionKind::text, "What the graph is for."),
      required(choice("period", "The business time one run is about.",
                      {"day", "week", "month", "quarter", "year"})),
      schedule_option(),
      notify_option(),
      triggers_option(),
      partition_option("What every job that says nothing else is partitioned by."),
      option("params", OptionKind::any, "Values that rules, SQL and options may name."),
      deadlines_option(),
      object("defaults", "For every job that does not say otherwise.", running_options()),
      required(option("jobs", OptionKind::any, "The jobs by name.")),
  };
  return options;
}

const std::vector<OptionSpec>& block_options() {
  static const std::vector<OptionSpec> options{
      required(option("block", OptionKind::name, "The block's name, equal to the file's.")),
      option("description", OptionKind::text, "What the block is for."),
      list_of("with", OptionKind::name, "Names its texts use as $(name), for others to fill."),
      required(option("jobs", OptionKind::any, "The jobs by name.")),
  };
  return options;
}

const std::vector<OptionSpec>& param_options() {
  static const std::vector<OptionSpec> options{
      required(choice("type", "What values look like.",
                      {"text", "integer", "money", "decimal", "ratio", "date", "boolean"})),
      required(option("default", OptionKind::text, "The value unless a run gives another.")),
      option("description", OptionKind::text, "What the parameter means."),
  };
  return options;
}

const std::vector<OptionSpec>& common_job_options() {
  static const std::vector<OptionSpec> options = [] {
    std::vector<OptionSpec> all{
        required(option("type", OptionKind::name, "The job's type; `tallymill explain TYPE`.")),
        option("description", OptionKind::text, "What the job is for."),
        one_or_list("needs", "Jobs of this graph to wait for, beside those it reads from."),
    };
    for (OptionSpec& spec : running_options()) all.push_back(std::move(spec));
    all.push_back(when_option());
    all.push_back(deadline_option("deadline", "By when the job must have come to a good end."));
    all.push_back(partition_option("Runs, publishes and fails once per value."));
    all.push_back(list_of("tags", OptionKind::name,
                          "Free labels; `result` marks datasets made for people to read."));
    return all;
  }();
  return options;
}

const std::vector<std::string>& common_job_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> names;
    for (const OptionSpec& spec : common_job_options()) names.push_back(spec.name);
    return names;
  }();
  return keys;
}

}  // namespace tallymill
