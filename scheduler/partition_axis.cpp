#include "scheduler/partition_axis.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/csv_table.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/workspace.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// A folder's name holds 255 bytes, and a partition shares it with its job's name.
constexpr std::size_t kLongestEncoded = 180;
/// Each value is one job run of each job.
constexpr std::int64_t kMostValues = 10'000;
constexpr std::string_view kListSuffix = "_values";

class AxisReader {
 public:
  AxisReader(const Workspace& workspace, Diagnostics& diagnostics)
      : workspace_(workspace), diagnostics_(diagnostics) {}

  std::shared_ptr<const PartitionAxis> read(YamlNode node) {
    const YamlNode name = node.find("name");
    const YamlNode values = node.find("values");
    if (!name.is_scalar() || !is_identifier(name.text()) || !values) return nullptr;  // reported
    PartitionAxis axis{.name = std::string(name.text()), .values = {}, .where = name.position()};
    const bool is_sound = values.is_sequence()   ? read_declared(values, axis)
                          : values.find("table") ? read_table(values, axis)
                                                 : read_listed(values, axis);
    return is_sound ? std::make_shared<const PartitionAxis>(std::move(axis)) : nullptr;
  }

 private:
  bool read_declared(YamlNode values, PartitionAxis& axis) {
    for (std::size_t i = 0; i < values.size(); ++i)
      add(std::string(values[i].text()), values[i].position(), axis);
    return finish(values.position(), axis);
  }

  bool read_table(YamlNode values, PartitionAxis& axis) {
    const YamlNode table = values.find("table");
    const YamlNode column = values.find("column");
    if (!table.is_scalar() || !column.is_scalar()) return false;  // reported
    const std::string named(table.text());
    axis.file = named.ends_with(".csv") ? named : "tables/" + named + ".csv";
    const auto text = text_of(axis.file);
    if (!text) {
      diagnostics_.error(table.position(), "there is no file '" + axis.file + "' in the workspace",
                         "make it, with a column '" + std::string(column.text()) + "'");
      return false;
    }
    Diagnostics found;
    const CsvTable rows = read_csv_table(axis.file, *text, found);
    diagnostics_.add_all(found);
    if (found.has_errors()) return false;
    const auto at = std::find(rows.columns.begin(), rows.columns.end(), column.text());
    if (at == rows.columns.end()) {
      const std::string meant = did_you_mean(column.text(), rows.columns);
      diagnostics_.error(column.position(),
                         "'" + axis.file + "' has no column '" + std::string(column.text()) + "'",
                         meant.empty() ? "its columns are " + join(rows.columns, ", ") : meant);
      return false;
    }
    const auto cell = static_cast<std::size_t>(at - rows.columns.begin());
    for (const auto& row : rows.rows) add(row[cell], table.position(), axis);
    return finish(values.position(), axis);
  }

  bool read_listed(YamlNode values, PartitionAxis& axis) {
    if (const YamlNode job = values.find("job"); job.is_scalar()) {
      axis.list_job = job.text();
      axis.list_place = job.position();
      return true;
    }
    if (!values.find("dataset") && !values.find("from")) return false;  // reported
    axis.list_job = axis.name + std::string(kListSuffix);
    axis.list = values;
    return true;
  }

  std::optional<std::string> text_of(const std::string& file) const {
    if (const auto text = workspace_.instead.find(file); text != workspace_.instead.end())
      return text->second;
    const fs::path path = workspace_.root / file;
    if (!fs::is_regular_file(path)) return std::nullopt;
    return read_file(path);
  }

  void add(std::string value, const SourcePosition& where, PartitionAxis& axis) {
    const std::string problem = problem_of(value);
    if (!problem.empty())
      return diagnostics_.error(where, "a partition of '" + axis.name + "' " + problem);
    if (!seen_.insert(value).second)
      return diagnostics_.error(
          where, "partition '" + value + "' of '" + axis.name + "' stands twice in its list");
    axis.values.push_back(std::move(value));
  }

  static std::string problem_of(const std::string& value) {
    if (trim(value).empty()) return "has no name";
    if (trim(value) != value) return "begins or ends with a blank: '" + value + "'";
    if (percent_encode(value).size() > kLongestEncoded)
      return "has a name too long for a folder: '" + value + "'";
    return {};
  }

  bool finish(const SourcePosition& where, const PartitionAxis& axis) {
    const auto count = static_cast<std::int64_t>(axis.values.size());
    if (axis.values.empty())
      diagnostics_.error(where, "the partitions of '" + axis.name + "' are none",
                         "name at least one value");
    if (count > kMostValues)
      diagnostics_.error(where, "'" + axis.name + "' has " + group_digits(count) +
                                    " partitions; at most " + group_digits(kMostValues) +
                                    " may be declared");
    return !axis.values.empty() && count <= kMostValues;
  }

  const Workspace& workspace_;
  Diagnostics& diagnostics_;
  std::set<std::string> seen_;
};

}  // namespace

bool PartitionAxis::has(const std::string& value) const {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::shared_ptr<const PartitionAxis> read_partition(YamlNode node, const Workspace& workspace,
                                                    Diagnostics& diagnostics) {
  if (!node.is_mapping()) return nullptr;
  return AxisReader(workspace, diagnostics).read(node);
}

std::string partition_words(const PartitionAxis& axis, const std::string& value) {
  return axis.name + " " + value;
}

}  // namespace tallymill
