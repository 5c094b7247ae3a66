#pragma once

#include <string>

namespace tallymill {

/// How every Parquet file is written, for the parentheses behind COPY ... TO: the second encodings
/// (docs/adr/0042-version-two-encodings.md) and short dictionaries
/// (docs/adr/0047-short-dictionaries.md). Snappy was measured on 10 columns of invoices:
/// bench/results.md, "parquet"; a file that is read once and thrown away needs none.
inline std::string parquet_format(const std::string& compression = "snappy") {
  return "format parquet, parquet_version v2, compression " + compression +
         ", dictionary_size_limit 8192";
}

/// Evidence is mostly of some hundred thousand rows: in groups of the common size, 122,880, one
/// thread would write it while others wait.
inline std::string evidence_format() { return parquet_format() + ", row_group_size 40960"; }

/// Of a few rows that are read several times before they are thrown away.
inline std::string scratch_format() {
  return "format parquet, compression uncompressed, dictionary_size_limit 1, row_group_size 40960";
}

}  // namespace tallymill
