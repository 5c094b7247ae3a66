#include "rules/group_pass.h"

#include <mutex>

#include "core/text.h"
#include "rules/group_evaluator.h"

namespace tallymill {
namespace {

/// The findings as rows (n, verdicts), read once by one thread.
class FindingSource final : public TableSource {
 public:
  explicit FindingSource(std::vector<GroupFinding> findings) : findings_(std::move(findings)) {}

  std::unique_ptr<TableSource::Cursor> open_cursor() override {
    return std::make_unique<Reader>(*this);
  }
  std::size_t max_threads() const override { return 1; }

 private:
  class Reader final : public TableSource::Cursor {
   public:
    explicit Reader(FindingSource& source) : source_(source) {}
    std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) override {
      const std::lock_guard lock(source_.mutex_);
      std::size_t rows = 0;
      for (; rows < capacity && source_.next_ < source_.findings_.size(); ++rows) {
        const GroupFinding& finding = source_.findings_[source_.next_++];
        columns[0].as<std::int64_t>()[rows] = finding.row;
        columns[1].set_text(rows, finding.verdicts);
      }
      return rows;
    }

   private:
    FindingSource& source_;
  };

  std::mutex mutex_;
  std::vector<GroupFinding> findings_;
  std::size_t next_ = 0;
};

}  // namespace

GroupPass::GroupPass(std::shared_ptr<const RulePlan> plan, std::shared_ptr<Watchdog> watchdog,
                     std::vector<std::string> columns, std::vector<RuleCall::Param> params,
                     std::string table)
    : plan_(std::move(plan)),
      watchdog_(std::move(watchdog)),
      columns_(std::move(columns)),
      params_(std::move(params)),
      table_(std::move(table)) {
  const LoadedRule& rule = *plan_->rules[0].rule;
  std::vector<std::string> equal;
  std::vector<std::string> names = rule.key;
  names.insert(names.end(), rule.order.begin(), rule.order.end());
  for (std::size_t i = 0; i < names.size(); ++i)
    equal.push_back(table_ + ".\"tm:k" + std::to_string(i) + "\" is not distinct from " +
                    quote_identifier(names[i]));
  expression_ = "(select " + table_ + ".\"tm:verdicts\" from " + table_ + " where " +
                join(equal, " and ") + ")";
}

GroupPass::~GroupPass() = default;

std::vector<std::string> GroupPass::names(const std::vector<std::string>& columns) const {
  std::vector<std::string> names;
  for (const std::string& column : columns) names.push_back(quote_identifier(column));
  return names;
}

std::string GroupPass::sorted(const std::string& relation, const std::string& where,
                              const std::string& items) const {
  std::vector<std::string> conditions;
  if (!where.empty()) conditions.push_back("(" + where + ")");
  for (const std::size_t index : plan_->rules[0].required)
    conditions.push_back(quote_identifier(plan_->columns[index].name) + " is not null");
  return "select " + items + " from " + relation +
         (conditions.empty() ? "" : " where " + join(conditions, " and "));
}

void GroupPass::run(Engine& engine, const std::string& relation, const std::string& where) {
  const LoadedRule& rule = *plan_->rules[0].rule;
  std::vector<std::string> order = names(rule.key);
  for (const std::string& name : names(rule.order)) order.push_back(name);
  const std::string by = join(order, ", ");
  std::vector<std::string> items;
  std::vector<Type> types;
  for (std::size_t k = 0; k < plan_->columns.size(); ++k) {
    const PlanColumn& column = plan_->columns[k];
    items.push_back(columns_[k] + (is_text(column.type) ? "::varchar" : ""));
    types.push_back(is_text(column.type) ? Type::text() : column.type);
  }
  GroupEvaluator evaluator(plan_, plan_->limits.mode.value_or(LuaMode::compiled), watchdog_.get());
  engine.read(
      sorted(relation, where, join(items, ", ")) + " order by " + by, types,
      [&](std::span<const ColumnView> columns, std::size_t rows) { evaluator.add(columns, rows); });
  evaluator.finish();
  std::string keys;
  for (std::size_t i = 0; i < order.size(); ++i)
    keys += ", " + order[i] + " as \"tm:k" + std::to_string(i) + "\"";
  const std::string numbered =
      sorted(relation, where, "row_number() over (order by " + by + ") - 1 as n" + keys);
  const std::string source = table_ + "_source";
  engine.add_source(
      source,
      {{.name = "n", .type = Type::integer()}, {.name = "tm:verdicts", .type = Type::text()}},
      std::make_shared<FindingSource>(evaluator.findings()));
  engine.execute(
      "create temp table " + table_ + " as select * exclude (n) from (" +
      (evaluator.findings().empty() ? "select * from (" + numbered + ") where false" : numbered) +
      ") join (select * from " + source + "()) using (n)");
}

}  // namespace tallymill
