#include "jobs/change_tally.h"

#include <algorithm>
#include <atomic>

#include "core/text.h"

namespace tallymill {

/// Of all threads.
struct ChangeTally::Counts {
  explicit Counts(std::size_t flags) : changed(flags) {}

  std::atomic<std::int64_t> rows = 0;
  std::vector<std::atomic<std::int64_t>> changed;
};

ChangeTally::ChangeTally(Engine& engine, std::vector<std::string> flags)
    : flags_(std::move(flags)),
      function_("tm_tally_" + std::to_string(engine.next_name())),
      counts_(std::make_shared<Counts>(flags_.size())) {
  engine.add_function({.name = function_,
                       .parameters = std::vector<Type>(flags_.size(), Type::boolean()),
                       .result = {{.name = "value", .type = Type::boolean()}},
                       .is_volatile = true,
                       .evaluate = [counts = counts_](std::span<const ColumnView> columns,
                                                      std::size_t rows, ColumnWriter& result) {
                         counts->rows += static_cast<std::int64_t>(rows);
                         for (std::size_t flag = 0; flag < columns.size(); ++flag)
                           counts->changed[flag] += std::count(
                               columns[flag].as<bool>(), columns[flag].as<bool>() + rows, true);
                         std::fill_n(result.as<bool>(), rows, true);
                       }});
}

std::string ChangeTally::counting(const std::string& expression) const {
  return "CASE WHEN " + function_ + "(" + join(flags_, ", ") + ") THEN " + expression + " END";
}

std::int64_t ChangeTally::rows() const { return counts_->rows; }

std::vector<std::int64_t> ChangeTally::changed() const {
  return {counts_->changed.begin(), counts_->changed.end()};
}

}  // namespace tallymill
