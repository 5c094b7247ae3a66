#include "jobs/extract/control_totals.h"

#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace {

const ExtractColumn& column_named(const ExtractSpec& spec, const std::string& name) {
  for (const ExtractColumn& column : spec.columns)
    if (column.column.name == name) return column;
  throw Error(ErrorClass::bug, "control total of unknown column '" + name + "'");
}

/// Sums the columns of a control table.
class ControlSink final : public RecordSink {
 public:
  ControlSink(const ControlTotals& control, const ExtractSpec& spec, const RecordReader& reader)
      : reader_(reader) {
    if (!control.rows.empty()) parsers_.emplace_back(Type::integer());
    for (const auto& [name, source] : control.amounts)
      parsers_.emplace_back(column_named(spec, name).column.type);
    sums.resize(parsers_.size());
  }

  void record(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
              std::string_view) override {
    ++rows;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      ParsedValue value;
      const bool is_number = !fields[i].is_null && !fields[i].is_inexact &&
                             parsers_[i].parse(fields[i].text, value) == ParseProblem::none;
      if (!is_number)
        throw Error(ErrorClass::data,
                    "control total '" + reader_.columns()[i] + "' in " + reader_.sources()[source] +
                        " row " + std::to_string(line) + " is '" + std::string(fields[i].text) +
                        "', expected " + parsers_[i].type().name());
      sums[i] += exact_number(parsers_[i], value);
    }
  }
  void malformed(std::size_t source, std::int64_t line, std::string_view, std::string message,
                 std::string_view) override {
    throw Error(ErrorClass::data, "control totals in " + reader_.sources()[source] + " row " +
                                      std::to_string(line) + " cannot be read: " + message);
  }
  bool is_full() const override { return false; }

  std::int64_t rows = 0;
  std::vector<Int128> sums;

 private:
  const RecordReader& reader_;
  std::vector<ValueParser> parsers_;
};

}  // namespace

std::vector<WantedColumn> control_columns(const ControlTotals& control) {
  std::vector<WantedColumn> wanted;
  if (!control.rows.empty()) wanted.push_back({control.rows, control.from.position("rows")});
  for (const auto& [name, source] : control.amounts)
    wanted.push_back({source, control.from.position(name)});
  return wanted;
}

ControlSums read_control_sums(const ControlTotals& control, const ExtractSpec& spec,
                              RecordReader& reader) {
  ControlSink sink(control, spec, reader);
  const auto cursor = reader.open_cursor();
  while (cursor->read(sink)) {
  }
  reader.finish();
  if (sink.rows == 0)
    throw Error(ErrorClass::data, "no control totals found in " + join(reader.sources(), ", "),
                control.from.position("connector"));
  ControlSums said{.control_rows = sink.rows, .rows = 0, .amounts = {}};
  std::size_t next = 0;
  if (!control.rows.empty()) said.rows = sink.sums[next++];
  for (const auto& [name, source] : control.amounts) said.amounts[name] = sink.sums[next++];
  return said;
}

std::string control_differences(const ControlTotals& control, const ExtractSpec& spec,
                                const ControlSums& said, std::int64_t rows_read,
                                const std::map<std::string, ReadSum>& read) {
  std::vector<std::string> differences;
  if (!control.rows.empty() && said.rows != rows_read)
    differences.push_back("rows: the source says " + format_amount(said.rows, 0) + ", read " +
                          format_amount(rows_read, 0));
  for (const auto& [name, sum] : said.amounts) {
    const ReadSum& found = read.at(name);
    if (found.sum == sum && found.unparsable == 0) continue;
    const int scale = column_named(spec, name).column.type.scale;
    differences.push_back(name + ": the source says " + format_amount(sum, scale) + ", read " +
                          format_amount(found.sum, scale) +
                          (found.unparsable == 0 ? std::string()
                                                 : " and " + std::to_string(found.unparsable) +
                                                       " that cannot be read (see the rejects)"));
  }
  return join(differences, "; ");
}

}  // namespace tallymill
