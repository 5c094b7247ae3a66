#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "connectors/connector.h"
#include "jobs/extract/extract_spec.h"

namespace tallymill {

/// What the source itself says it holds: sums over the rows of a control table.
struct ControlSums {
  std::int64_t control_rows = 0;          ///< rows of the control table itself
  Int128 rows = 0;                        ///< meaningful if the spec names a rows column
  std::map<std::string, Int128> amounts;  ///< by extract column, in its scale
};

/// The source columns a reader of the control table must deliver, in this order: rows (if named),
/// then the amounts.
std::vector<WantedColumn> control_columns(const ControlTotals& control);

/// Adds up everything `reader` delivers. Throws Error(data) if a total is missing or is no number.
ControlSums read_control_sums(const ControlTotals& control, const ExtractSpec& spec,
                              RecordReader& reader);

/// "rows: the source says 1,204, read 1,203" for every total that differs, joined by "; "; empty if
/// all agree. `unparsable`: values of the column that could not be read.
struct ReadSum {
  Int128 sum = 0;
  std::int64_t unparsable = 0;
};
std::string control_differences(const ControlTotals& control, const ExtractSpec& spec,
                                const ControlSums& said, std::int64_t rows_read,
                                const std::map<std::string, ReadSum>& read);

}  // namespace tallymill
