#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/value_parser.h"
#include "core/job_shape.h"
#include "datasets/type.h"

namespace tallymill {

/// A declared column of an extract and how it is made from the source.
struct ExtractColumn {
  Column column;
  WantedColumn source = {};    ///< the source's name for it
  std::string pattern = {};    ///< of dates and timestamps that are not ISO
  bool takes_inexact = false;  ///< a floating-point number is taken by its shortest decimal form
};

/// `control_totals:`: what the source itself says it holds.
struct ControlTotals {
  std::string connector;
  Options from;
  std::string rows;                            ///< control column that counts rows; may be empty
  std::map<std::string, std::string> amounts;  ///< extract column -> control column
};

/// An extract job's YAML, read.
struct ExtractSpec {
  std::string connector;
  Options from;
  std::string into;
  std::vector<ExtractColumn> columns;
  std::vector<std::string> key;  ///< declared; empty: [_source, _line]
  bool refuses_extra_columns = false;
  SourcePosition extra_columns_position = {};
  bool has_control = false;
  ControlTotals control;
  /// The source has a column that is not declared here and that another job calls sensitive: it
  /// stands in the original text of a reject. Known when the source is open.
  bool shows_hidden_columns = false;

  /// Reports what is wrong with columns, key and control totals.
  static ExtractSpec read(const Options& options, int currency_scale, Diagnostics& diagnostics);

  /// What is asked of the source.
  std::vector<WantedColumn> wanted() const;
  /// Throws Error(data) where the source has a column that is not declared, and that is refused.
  void refuse_extra_columns(const RecordReader& reader) const;

  bool has_business_key() const { return !key.empty(); }
  Schema schema() const;
  /// Of `<job>.rejects`.
  Schema rejects_schema() const;
  bool has_sensitive_columns() const;
};

std::vector<OptionSpec> extract_options();

}  // namespace tallymill
