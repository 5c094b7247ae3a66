#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"
#include "core/options.h"
#include "core/time/period.h"
#include "datasets/type.h"
#include "rules/typed_value.h"

namespace tallymill {

/// Texts of workspace files by path.
using FileTexts = std::map<std::string, std::string>;

/// One row of a parameter table: what holds for an org over a time.
struct ParamRow {
  std::string org;       ///< "*": of every org that has no row of its own
  Date from, to;         ///< both included; the ends of time where the file leaves them out
  std::string validity;  ///< as people read it: "2025-01 to 2025-12", "from 2026-01", "always"
  std::vector<TypedValue> values;  ///< by column of the table
  SourcePosition where;
};

/// params/<name>.csv or .yaml: values that differ by org and change over time.
///
/// An org without a row of its own for a day takes its parent's (where the table names its orgs),
/// and in the end the row of org "*". Immutable.
class ParamTable {
 public:
  /// Reads it and reports everything that could ever be wrong with it: a value that is not of its
  /// type, two rows for one org and day, an org that is left without a value. `files` holds the
  /// table of orgs it names. Null if there was an error.
  static std::shared_ptr<const ParamTable> read(const std::string& file, const std::string& text,
                                                const FileTexts& files, int currency_scale,
                                                Diagnostics& diagnostics);

  const std::string& file() const { return file_; }
  const std::string& name() const { return name_; }
  const std::vector<Column>& columns() const { return columns_; }

  /// Whether it holds the same for everybody at all times: two rules may have read it apart.
  bool says_the_same(const ParamTable& other) const {
    return file_ == other.file_ && text_ == other.text_ && parents_ == other.parents_;
  }

  /// What holds for `org` through all of `period`; null if nothing does.
  const ParamRow* find(std::string_view org, const Period& period) const;
  /// Why no row holds for `org` in `period`: completes "params/x.csv has ...".
  std::string missing(std::string_view org, const Period& period) const;
  /// Reports every org that is known to have no value in `period`.
  void check_period(const Period& period, Diagnostics& diagnostics) const;

 private:
  friend class ParamTableReader;
  /// `org`, its parents, "*".
  std::vector<std::string> chain(std::string_view org) const;
  /// The first row of the chain that holds on some day of `period`.
  const ParamRow* first_within(std::string_view org, const Period& period) const;

  std::string file_;
  std::string name_;
  std::string text_;
  std::vector<Column> columns_;
  std::vector<ParamRow> rows_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_org_;  ///< rows by from
  std::map<std::string, std::string, std::less<>> parents_;              ///< of all known orgs
};

/// The keys of a parameter table's head: one description for loading, `explain` and the schema.
const std::vector<OptionSpec>& param_table_options();

/// Tables a parameter table names: of its orgs. Paths such as tables/org.csv.
std::vector<std::string> param_table_files(const std::string& file, const std::string& text);

/// The parameter tables among `files`, by name; null where one is not sound.
using ParamTables = std::map<std::string, std::shared_ptr<const ParamTable>, std::less<>>;
ParamTables read_param_tables(const FileTexts& files, int currency_scale, Diagnostics& diagnostics);

inline constexpr std::string_view kAnyOrg = "*";

}  // namespace tallymill
