#include "worker/rule_difference.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "jobs/job.h"
#include "worker/context.h"
#include "worker/inputs.h"
#include "worker/job_of_task.h"
#include "worker/pinned_rule.h"
#include "worker/query.h"

namespace tallymill {
namespace {

constexpr const char* kOther = "other version";  ///< what the other version is bound by
constexpr const char* kDifferences = "tm_differences";
constexpr std::size_t kMostGroups = 200;     ///< kinds of difference that are told
constexpr std::size_t kMostPlaces = 10'000;  ///< of those, by column
constexpr std::size_t kSampledGroups = 20;

/// tm_both(verdicts): what two check rules said in one call, as STRUCT(was, becomes, their
/// messages).
void add_verdict_function(Engine& engine) {
  if (engine.has_function("tm_both")) return;
  const auto text = [](const char* name) { return Column{.name = name, .type = Type::text()}; };
  engine.add_function(
      {.name = "tm_both",
       .parameters = {Type::text()},
       .result = {text("was"), text("becomes"), text("was_message"), text("becomes_message")},
       .result_is_struct = true,
       .evaluate = [](std::span<const ColumnView> arguments, std::size_t rows,
                      ColumnWriter& result) {
         for (std::size_t field = 0; field < 4; ++field) {
           ColumnWriter writer = result.field(field);
           const bool is_message = field >= 2;
           for (std::size_t row = 0; row < rows; ++row) {
             if (is_message)
               writer.set_null(row);
             else
               writer.set_text(row, "pass");
           }
         }
         for (std::size_t row = 0; row < rows; ++row) {
           if (arguments[0].is_null(row)) continue;
           for (const Verdict& verdict :
                decode_verdicts(arguments[0].as<StringRef>()[row].view())) {
             result.field(verdict.rule).set_text(row, verdict_text(verdict));
             if (verdict.message.empty()) continue;
             ColumnWriter message = result.field(2 + verdict.rule);
             message.set_valid(row);
             message.set_text(row, verdict.message);
           }
         }
       }});
}

/// The parameters of a place that this version has.
std::map<std::string, std::string> params_for(const RuleInfo& rule, const RuleSite& site) {
  std::map<std::string, std::string> params;
  for (const auto& [name, value] : site.params)
    if (rule.params.contains(name)) params.emplace(name, value);
  return params;
}

std::string state_sql(const std::string& call, const std::string& given) {
  return "case when " + call + ".error is not null then 'error' when " + call +
         ".not_applicable then 'not applicable' else " + given + " end";
}

std::string field(const std::string& call, const std::string& name) {
  return call + "." + quote_identifier(name);
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (!has(names, name)) names.push_back(name);
}

json::value text_or_null(const std::optional<std::string>& cell) {
  return cell ? json::value(*cell) : json::value(nullptr);
}

/// What is carried along from the rows of one place, beside what the versions say of them.
class Carried {
 public:
  Carried(const DifferenceQuestion& question, const std::string& job, const Schema& rows,
          Diagnostics& diagnostics)
      : question_(question), job_(job), rows_(rows), diagnostics_(diagnostics) {}

  /// "a", "b", with a comma behind.
  std::string list() const {
    std::string text;
    for (const std::string& name : columns_) text += quote_identifier(name) + ", ";
    return text;
  }

  /// SQL of what is counted once, over the columns `distinct`; empty: rows known by their place in
  /// a file alone, which says nothing.
  std::string key(const std::vector<std::string>& distinct) {
    std::vector<std::string> parts;
    for (const std::string& name : distinct) {
      if (is_provenance(name)) return {};
      if (require(name, "--distinct") == nullptr) continue;
      add_once(columns_, name);
      parts.push_back("cast(" + quote_identifier(name) + " as varchar)");
    }
    return parts.size() == 1 ? parts.front()
           : parts.empty()   ? std::string()
                             : "concat_ws(chr(31), " + join(parts, ", ") + ")";
  }

  /// SQL of the column to tell apart by; empty: none.
  std::string by() {
    const Column* column = question_.by.empty() ? nullptr : require(question_.by, "--by");
    if (column == nullptr) return {};
    add_once(columns_, column->name);
    return shown(column, quote_identifier(column->name));
  }

  /// The amounts to add up.
  std::vector<std::string> money() {
    std::vector<std::string> names;
    for (const std::string& name : question_.money)
      if (const Column* column = require(name, "--money"); column && !column->type.is_summable())
        diagnostics_.error({.file = "--money"}, "column '" + name + "' is " + column->type.name() +
                                                    "; only amounts add up");
    for (const Column& column : rows_.columns) {
      const bool is_wanted = question_.money.empty() ? column.type.kind == TypeKind::money
                                                     : has(question_.money, column.name);
      if (!is_wanted || !column.type.is_summable()) continue;
      names.push_back(column.name);
      add_once(columns_, column.name);
    }
    return names;
  }

  /// What is shown of a row: its key, what the rules read, its place.
  std::vector<std::pair<std::string, std::string>> samples(const RuleInfo& was,
                                                           const RuleInfo& becomes) {
    std::vector<std::string> names = rows_.key;
    for (const std::string& name : question_.distinct) add_once(names, name);
    for (const RuleInfo* rule : {&was, &becomes})
      for (const RuleNeed& need : rule->needs) add_once(names, need.column);
    if (rows_.has_provenance)
      for (const std::string_view name : {kSourceColumn, kLineColumn})
        add_once(names, std::string(name));
    std::vector<std::pair<std::string, std::string>> samples;
    for (const std::string& name : names) {
      const Column* column = rows_.find(name);
      if (column == nullptr && !(rows_.has_provenance && is_provenance(name))) continue;
      add_once(columns_, name);
      samples.emplace_back(name, shown(column, quote_identifier(name)));
    }
    return samples;
  }

  /// `sql` as text, masked where people may not see the column.
  std::string shown(const Column* column, const std::string& sql) const {
    return column != nullptr && column->sensitive && !question_.reveal
               ? "case when " + sql + " is not null then " + quote_literal(kMaskedValue) + " end"
               : "cast(" + sql + " as varchar)";
  }

 private:
  const Column* require(const std::string& name, const char* flag) {
    const Column* column = rows_.find(name);
    if (column == nullptr)
      diagnostics_.error(
          {.file = flag},
          "the rows that job '" + job_ + "' asks about have no column '" + name + "'",
          did_you_mean(name, rows_.names()));
    return column;
  }

  const DifferenceQuestion& question_;
  const std::string& job_;
  const Schema& rows_;
  Diagnostics& diagnostics_;
  std::vector<std::string> columns_;
};

/// How two versions that give values are compared: SQL over tm_old and tm_new, and the names made.
struct ValueSql {
  std::string was;
  std::string becomes;
  std::string what = "''";
  std::string values;  ///< "x as y, "
  std::string was_message = "tm_old.error";
  std::string becomes_message = "tm_new.error";
  std::string differs = "tm_was is distinct from tm_becomes";
};

/// Of classify, driver and threshold rules, whose first field is what they say.
ValueSql word_sql(RuleKind kind, const std::string& name) {
  ValueSql sql;
  sql.was = state_sql("tm_old", "coalesce(tm_old." + name + ", 'nothing')");
  sql.becomes = state_sql("tm_new", "coalesce(tm_new." + name + ", 'nothing')");
  if (kind != RuleKind::threshold) return sql;
  sql.was_message = "coalesce(tm_old.error, tm_old.message)";
  sql.becomes_message = "coalesce(tm_new.error, tm_new.message)";
  sql.differs += " or tm_was_message is distinct from tm_becomes_message";
  return sql;
}

}  // namespace

void RuleDifference::add(const Task& task) {
  // Tables of parameters hold other values in another period.
  if (const auto period = Period::parse(task.period)) session_.rules().set_period(*period);
  PublishedInputs inputs(task);
  TaskResult unused;
  WorkerContext context(task, session_, inputs, unused);
  const auto document = YamlDocument::from_json(task.spec);
  const JobSpec spec = job_spec(task, document->root());
  const std::unique_ptr<Job> job = make_job(spec);
  job->plan(context);
  for (const RuleSite& site : context.rule_sites())
    if (site.rule == question_.rule && !context.diagnostics().has_errors())
      ask(task, site, context.diagnostics());
  refuse_problems(context.diagnostics(), unused);
  // The next job may call something else by that name.
  for (const auto& entry : task.inputs) session_.drop_view(entry.first);
}

RuleDifference::Both RuleDifference::load_both(const Task& task, const RuleSite& site,
                                               Diagnostics& diagnostics) {
  const auto load = [&](bool is_shadow) {
    RuleSource source = pinned_version(task, question_.file, is_shadow, diagnostics);
    if (is_shadow) source.as = kOther;
    return session_.rules().load(source, diagnostics);
  };
  const Both both{load(false), load(true)};
  if (both.was == nullptr || both.becomes == nullptr) return {};
  const SourcePosition where{.file = question_.file, .line = 1};
  if (both.was->kind != both.becomes->kind) {
    diagnostics.error(where, "the rule was a " + std::string(to_string(both.was->kind)) +
                                 " rule and becomes a " +
                                 std::string(to_string(both.becomes->kind)) +
                                 " rule; what they say cannot be compared");
    return {};
  }
  for (const auto& [name, value] : site.params)
    if (both.was->params.contains(name) && !both.becomes->params.contains(name))
      diagnostics.error(where, "the rule has no parameter '" + name + "' any more, which job '" +
                                   task.job + "' of graph '" + task.graph + "' gives");
  return both;
}

void RuleDifference::ask(const Task& task, const RuleSite& site, Diagnostics& diagnostics) {
  const auto [was, becomes] = load_both(task, site, diagnostics);
  if (was == nullptr) return;
  kind_ = to_string(was->kind);
  Asked asked{.graph = task.graph,
              .job = task.job,
              .period = task.period,
              .partition = task.partition,
              .table = "tm_asked_" + std::to_string(asked_.size()),
              .shown = {},
              .money = {},
              .values = {}};
  Carried carried(question_, task.job, site.row, diagnostics);
  const std::vector<std::string>& distinct =
      question_.distinct.empty() ? site.row.key : question_.distinct;
  if (std::string key = carried.key(distinct); !key.empty()) {
    asked.key = std::move(key);
    for (const std::string& name : distinct) add_once(distinct_, name);
  }
  if (std::string by = carried.by(); !by.empty()) asked.by = std::move(by);
  for (const std::string& name : carried.money()) {
    asked.money[name] = quote_identifier(name);
    add_once(money_, name);
  }
  asked.shown = carried.samples(*was, *becomes);
  if (diagnostics.has_errors()) return;
  const std::string relation =
      site.relation + (site.condition.empty() ? "" : " where (" + site.condition + ")");
  asked.rows = session_.engine().query("select count(*) from " + relation).integer(0, 0);
  const bool is_asked =
      was->kind == RuleKind::check
          ? ask_checks(site, {was, becomes}, relation, carried.list(), asked, diagnostics)
          : ask_values(site, {was, becomes}, relation, carried.list(), asked, diagnostics);
  if (is_asked) asked_.push_back(std::move(asked));
}

/// Both in one loop; rows that pass both ways are kept nowhere.
bool RuleDifference::ask_checks(const RuleSite& site, const Both& both, const std::string& relation,
                                const std::string& carried, Asked& asked,
                                Diagnostics& diagnostics) {
  asked.is_check = true;
  std::map<std::string, std::string> params = params_for(*both.becomes, site);
  params.merge(params_for(*both.was, site));
  const auto call =
      session_.rules().bind({question_.rule, kOther}, site.row, params, site.where, diagnostics);
  if (!call) return false;
  add_verdict_function(session_.engine());
  session_.engine().execute(
      "create temp table " + asked.table + " as select " + carried +
      "tm_said.was as tm_was, tm_said.becomes as tm_becomes, '' as tm_what, tm_said.was_message as"
      " tm_was_message, tm_said.becomes_message as tm_becomes_message from (select " +
      carried + "tm_both(tm_verdicts) as tm_said from (select " + carried + "(" + call->expression +
      ").verdicts as tm_verdicts from " + relation + ") where tm_verdicts is not null)");
  return true;
}

bool RuleDifference::ask_values(const RuleSite& site, const Both& both, const std::string& relation,
                                const std::string& carried, Asked& asked,
                                Diagnostics& diagnostics) {
  RuleRuntime& rules = session_.rules();
  const auto old_call =
      rules.bind({question_.rule}, site.row, params_for(*both.was, site), site.where, diagnostics);
  const auto new_call =
      rules.bind({kOther}, site.row, params_for(*both.becomes, site), site.where, diagnostics);
  if (!old_call || !new_call) return false;
  ValueSql sql = word_sql(both.was->kind, old_call->fields.front().name);
  if (both.was->kind == RuleKind::transform) {
    sql.was = state_sql("tm_old", "'set'");
    sql.becomes = state_sql("tm_new", "'set'");
    std::vector<std::string> changed;
    for (const Column& column : both.was->returns) {
      const auto& others = both.becomes->returns;
      const auto other = std::find_if(others.begin(), others.end(),
                                      [&](const Column& item) { return item.name == column.name; });
      if (other == others.end()) continue;
      const std::string was = field("tm_old", column.name);
      const std::string becomes = field("tm_new", column.name);
      const std::string differs = was + " is distinct from " + becomes;
      const std::string was_name = quote_identifier("was " + column.name);
      const std::string becomes_name = quote_identifier("becomes " + column.name);
      sql.differs += " or " + differs;
      changed.push_back("case when " + differs + " then " + quote_literal(column.name) + " end");
      sql.values += was + " as " + was_name + ", " + becomes + " as " + becomes_name + ", ";
      const bool is_hidden = is_masked(site.row, column.name);
      for (const auto& [title, name] : {std::pair{"was ", was_name}, {"becomes ", becomes_name}})
        asked.shown.emplace_back(title + column.name, is_hidden ? quote_literal(kMaskedValue)
                                                                : "cast(" + name + " as varchar)");
      if (!column.type.is_summable() || !other->type.is_summable()) continue;
      asked.values[column.name] = {was_name, becomes_name};
      add_once(values_, column.name);
    }
    if (!changed.empty()) sql.what = "concat_ws(', ', " + join(changed, ", ") + ")";
  }
  session_.engine().execute(
      "create temp table " + asked.table +
      " as select * exclude (tm_old, tm_new, tm_still) from (select *, " + sql.was +
      " as tm_was, " + sql.becomes + " as tm_becomes, " + sql.what + " as tm_what, " + sql.values +
      sql.was_message + " as tm_was_message, " + sql.becomes_message +
      " as tm_becomes_message from (select " + carried + old_call->expression + " as tm_old, " +
      new_call->expression + " as tm_new, random() as tm_still from " + relation +
      // What is never the same is not evaluated below: else each mention of a call is a call.
      ")) where case when tm_still = 2 then true else " + sql.differs + " end");
  return true;
}

bool RuleDifference::is_masked(const Schema& rows, const std::string& name) const {
  const Column* column = rows.find(name);
  return column != nullptr && column->sensitive && !question_.reveal;
}

/// All places in one relation: site, rid, was, becomes, what, key, by, and the amounts.
void RuleDifference::make_view() {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    const Asked& asked = asked_[i];
    std::string select = "select " + std::to_string(i) +
                         " as tm_site, rowid as tm_rid, tm_was, tm_becomes, tm_what, " + asked.key +
                         " as tm_key, " + asked.by + " as tm_by";
    for (std::size_t m = 0; m < money_.size(); ++m) {
      const auto found = asked.money.find(money_[m]);
      select += ", " + (found == asked.money.end() ? "null" : found->second) + " as tm_m" +
                std::to_string(m);
    }
    for (std::size_t v = 0; v < values_.size(); ++v) {
      const auto found = asked.values.find(values_[v]);
      const bool has_it = found != asked.values.end();
      select += ", " + (has_it ? found->second.first : "null") + " as tm_w" + std::to_string(v) +
                ", " + (has_it ? found->second.second : "null") + " as tm_b" + std::to_string(v);
    }
    parts.push_back(select + " from " + asked.table);
  }
  session_.engine().execute(std::string("create or replace temp view ") + kDifferences + " as " +
                            join(parts, " union all "));
}

namespace {

/// What a group of changed rows comes to, behind its own columns.
std::string sums(std::size_t money, std::size_t values) {
  std::string select = ", count(*), count(distinct tm_key)";
  for (std::size_t m = 0; m < money; ++m)
    select += ", cast(coalesce(sum(tm_m" + std::to_string(m) + "), 0) as varchar)";
  for (std::size_t v = 0; v < values; ++v) {
    const std::string was = "coalesce(sum(tm_w" + std::to_string(v) + "), 0)";
    const std::string becomes = "coalesce(sum(tm_b" + std::to_string(v) + "), 0)";
    select += ", cast(" + was + " as varchar), cast(" + becomes + " as varchar), cast(" + becomes +
              " - " + was + " as varchar)";
  }
  return select;
}

/// Puts what sums() selected from column `at` on into `group`.
void read_sums(const Rows& rows, std::size_t row, std::size_t at,
               const std::vector<std::string>& money, const std::vector<std::string>& values,
               bool has_key, json::object& group) {
  group["rows"] = rows.integer(row, at);
  group["distinct"] = has_key ? json::value(rows.integer(row, at + 1)) : json::value(nullptr);
  at += 2;
  json::object amounts;
  for (const std::string& name : money) amounts[name] = rows.text(row, at++);
  group["money"] = std::move(amounts);
  json::object changed;
  for (const std::string& name : values) {
    changed[name] = {{"was", rows.text(row, at)},
                     {"becomes", rows.text(row, at + 1)},
                     {"difference", rows.text(row, at + 2)}};
    at += 3;
  }
  if (!values.empty()) group["values"] = std::move(changed);
}

}  // namespace

json::object RuleDifference::answer() {
  json::object answer{{"kind", kind_}, {"rows", 0}};
  std::int64_t total = 0;
  json::array jobs;
  if (!asked_.empty()) make_view();
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    const Asked& asked = asked_[i];
    total += asked.rows;
    const std::string changed = asked.is_check ? " where tm_was is distinct from tm_becomes" : "";
    const std::int64_t differ =
        session_.engine().query("select count(*) from " + asked.table + changed).integer(0, 0);
    jobs.push_back({{"graph", asked.graph},
                    {"job", asked.job},
                    {"period", asked.period},
                    {"partition", asked.partition},
                    {"rows", asked.rows},
                    {"changed", differ}});
  }
  answer["rows"] = total;
  answer["changed"] = 0;
  answer["jobs"] = std::move(jobs);
  answer["distinct_by"] = json::array(distinct_.begin(), distinct_.end());
  answer["groups"] = json::array();
  if (asked_.empty()) return answer;
  const std::string changed = asked_.front().is_check ? " where tm_was <> tm_becomes" : "";
  const Rows all = session_.engine().query("select 0" + sums(money_.size(), values_.size()) +
                                           " from " + kDifferences + changed);
  read_sums(all, 0, 1, money_, values_, !distinct_.empty(), answer);
  answer["changed"] = answer["rows"];
  answer["rows"] = total;
  answer["groups"] = groups();
  if (asked_.front().is_check) answer["verdicts"] = verdicts();
  if (!question_.by.empty())
    answer["by"] = json::object{{"column", question_.by}, {"groups", groups_by()}};
  return answer;
}

json::array RuleDifference::verdicts() {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;
  std::int64_t told = 0;
  std::int64_t total = 0;
  for (const Asked& asked : asked_) total += asked.rows;
  const Rows rows = session_.engine().query(
      std::string("select tm_was, tm_becomes, count(*) from ") + kDifferences + " group by 1, 2");
  for (std::size_t i = 0; i < rows.cells.size(); ++i) {
    counts[rows.text(i, 0)].first += rows.integer(i, 2);
    counts[rows.text(i, 1)].second += rows.integer(i, 2);
    told += rows.integer(i, 2);
  }
  // A row that passes both ways is nowhere.
  counts["pass"].first += total - told;
  counts["pass"].second += total - told;
  json::array verdicts;
  for (const auto& [verdict, both] : counts)
    verdicts.push_back({{"verdict", verdict}, {"was", both.first}, {"becomes", both.second}});
  return verdicts;
}

json::array RuleDifference::groups() {
  const std::string changed = asked_.front().is_check ? " where tm_was <> tm_becomes" : "";
  const Rows rows = session_.engine().query(
      "select tm_what, tm_was, tm_becomes" + sums(money_.size(), values_.size()) + " from " +
      kDifferences + changed + " group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit " +
      std::to_string(kMostGroups));
  json::array groups;
  for (std::size_t i = 0; i < rows.cells.size(); ++i) {
    json::object group{
        {"what", rows.text(i, 0)}, {"was", rows.text(i, 1)}, {"becomes", rows.text(i, 2)}};
    read_sums(rows, i, 3, money_, values_, !distinct_.empty(), group);
    if (i < kSampledGroups && question_.samples > 0)
      group["samples"] = samples("tm_what = " + quote_literal(rows.text(i, 0)) +
                                 " and tm_was = " + quote_literal(rows.text(i, 1)) +
                                 " and tm_becomes = " + quote_literal(rows.text(i, 2)));
    groups.push_back(std::move(group));
  }
  return groups;
}

json::array RuleDifference::groups_by() {
  const std::string changed = asked_.front().is_check ? " where tm_was <> tm_becomes" : "";
  const Rows rows = session_.engine().query(
      "select coalesce(tm_by, 'null'), tm_what, tm_was, tm_becomes" +
      sums(money_.size(), values_.size()) + " from " + kDifferences + changed +
      " group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit " + std::to_string(kMostPlaces));
  json::array groups;
  for (std::size_t i = 0; i < rows.cells.size(); ++i) {
    json::object group{{"by", rows.text(i, 0)},
                       {"what", rows.text(i, 1)},
                       {"was", rows.text(i, 2)},
                       {"becomes", rows.text(i, 3)}};
    read_sums(rows, i, 4, money_, values_, !distinct_.empty(), group);
    groups.push_back(std::move(group));
  }
  return groups;
}

/// The same rows each time: the first by key, then by place.
json::array RuleDifference::samples(const std::string& condition) {
  Engine& engine = session_.engine();
  const Rows chosen = engine.query(
      std::string("select tm_site, tm_rid from ") + kDifferences + " where " + condition +
      " order by tm_site, tm_key, tm_rid limit " + std::to_string(question_.samples));
  json::array samples;
  for (std::size_t i = 0; i < chosen.cells.size(); ++i) {
    const Asked& asked = asked_[static_cast<std::size_t>(chosen.integer(i, 0))];
    std::vector<std::string> columns;
    for (const auto& [name, sql] : asked.shown) columns.push_back(sql);
    columns.insert(columns.end(), {"tm_was_message", "tm_becomes_message"});
    const Rows row = engine.query("select " + join(columns, ", ") + " from " + asked.table +
                                  " where rowid = " + chosen.text(i, 1));
    json::object values;
    for (std::size_t c = 0; c < asked.shown.size(); ++c)
      values[asked.shown[c].first] = text_or_null(row.cells[0][c]);
    samples.push_back({{"period", asked.period},
                       {"partition", asked.partition},
                       {"row", std::move(values)},
                       {"was_message", text_or_null(row.cells[0][asked.shown.size()])},
                       {"becomes_message", text_or_null(row.cells[0][asked.shown.size() + 1])}});
  }
  return samples;
}

}  // namespace tallymill
