#include "datasets/row_file.h"

#include "core/text.h"
#include "datasets/parquet_format.h"

namespace tallymill {

std::string RowFile::make(const std::string& source) const {
  const std::string file = quote_literal((folder / (name + ".parquet")).string());
  std::vector<std::string> written;
  std::vector<std::string> read;
  // Columns are numbered in the file: it has a name of DuckDB's own beside them.
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string number = "c" + std::to_string(i);
    written.push_back(columns[i] + " AS " + number);
    read.push_back(number + " AS " + columns[i]);
  }
  return "COPY (SELECT " + join(written, ", ") + " " + source + ") TO " + file + " (" +
         scratch_format() + "); CREATE OR REPLACE TEMP VIEW " + name + " AS SELECT " +
         join(read, ", ") + " FROM read_parquet(" + file + ")";
}

std::string RowFile::drop() const { return "DROP VIEW " + name; }

}  // namespace tallymill
