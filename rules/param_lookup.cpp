#include "rules/param_lookup.h"

#include <mutex>
#include <vector>

#include "rules/string_dictionary.h"

namespace tallymill {
namespace {

/// What holds for one org.
struct Found {
  const ParamRow* row = nullptr;
  std::string origin = {};
};

/// Finds rows for the orgs of chunks. Thread-safe: each caller has a dictionary of its own.
class OrgRows {
 public:
  OrgRows(const ParamLookup& lookup, const std::optional<Period>& period)
      : lookup_(lookup), period_(period) {}

  const ParamLookup& lookup() const { return lookup_; }

  /// `use(row, found)` for each row of the chunk.
  template <class Use>
  void each(const ColumnView& orgs, std::size_t rows, const Use& use) {
    std::unique_ptr<Reader> reader = take();
    reader->codes.resize(rows);
    for (const auto& [code, text] : reader->dictionary.encode(orgs, rows, reader->codes.data())) {
      const auto place = static_cast<std::size_t>(code);
      if (reader->found.size() <= place) reader->found.resize(place + 1);
      reader->found[place] = find(text);
    }
    for (std::size_t row = 0; row < rows; ++row)
      use(row, reader->found[static_cast<std::size_t>(reader->codes[row])]);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
  }

 private:
  struct Reader {
    StringDictionary dictionary;
    std::vector<std::int32_t> codes;
    std::vector<Found> found;  ///< by code
  };

  std::unique_ptr<Reader> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto reader = std::move(idle_.back());
        idle_.pop_back();
        return reader;
      }
    }
    auto reader = std::make_unique<Reader>();
    reader->found.push_back(find(kAnyOrg));  // of the empty text and of null
    return reader;
  }

  Found find(std::string_view org) const {
    Found found;
    if (!period_) return found;
    found.row = lookup_.table->find(org, *period_);
    if (found.row != nullptr)
      found.origin = found.row->validity + " (org " + found.row->org + ", " +
                     lookup_.table->file() + ":" + std::to_string(found.row->where.line) + ")";
    else if (lookup_.otherwise)
      found.origin = "default of " + lookup_.rule_file;
    return found;
  }

  const ParamLookup lookup_;
  const std::optional<Period> period_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Reader>> idle_;
};

}  // namespace

std::string ParamLookup::key() const {
  std::string text = table->columns()[column].name + " of " + table->file() + " by " + by;
  if (otherwise) text += " or " + typed_text(type, *otherwise);
  return text;
}

ScalarFunction param_value_function(const std::string& name, const ParamLookup& lookup,
                                    const std::optional<Period>& period) {
  const auto rows_of = std::make_shared<OrgRows>(lookup, period);
  ScalarFunction function{.name = name, .parameters = {Type::text()}};
  function.result = {{.name = "value", .type = lookup.type}};
  function.evaluate = [rows_of](std::span<const ColumnView> arguments, std::size_t rows,
                                ColumnWriter& writer) {
    const ParamLookup& of = rows_of->lookup();
    rows_of->each(arguments[0], rows, [&](std::size_t row, const Found& found) {
      if (found.row != nullptr)
        write_typed(of.type, found.row->values[of.column], row, writer);
      else if (of.otherwise)
        write_typed(of.type, *of.otherwise, row, writer);
      else
        writer.set_null(row);
    });
  };
  return function;
}

ScalarFunction param_origin_function(const std::string& name, const ParamLookup& lookup,
                                     const std::optional<Period>& period) {
  const auto rows_of = std::make_shared<OrgRows>(lookup, period);
  ScalarFunction function{.name = name, .parameters = {Type::text()}};
  function.result = {{.name = "origin", .type = Type::text()}};
  function.evaluate = [rows_of](std::span<const ColumnView> arguments, std::size_t rows,
                                ColumnWriter& writer) {
    rows_of->each(arguments[0], rows, [&](std::size_t row, const Found& found) {
      found.origin.empty() ? writer.set_null(row) : writer.set_text(row, found.origin);
    });
  };
  return function;
}

}  // namespace tallymill
