#include "jobs/reject_limit.h"

#include "core/money.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr const char* kRows = "max_rejected";
constexpr const char* kRatio = "max_rejected_ratio";
constexpr int kRatioScale = 9;
constexpr Int128 kWhole = 1'000'000'000;

}  // namespace

std::vector<OptionSpec> reject_limit_options() {
  return {
      {kRows, OptionKind::integer, "Rows that may be rejected before the job fails."},
      {kRatio, OptionKind::ratio, "Share of the rows that may be rejected before the job fails."}};
}

void check_reject_limits(const Options& options, Diagnostics& diagnostics) {
  if (options.integer(kRows, 0) < 0)
    diagnostics.error(options.position(kRows),
                      "option '" + std::string(kRows) + "' must not be negative");
}

std::optional<ExceededLimit> exceeded_limit(const Options& options, const RejectedRows& rows) {
  if (options.has(kRows) && rows.rejected > options.integer(kRows))
    return ExceededLimit{kRows + (" " + group_digits(options.integer(kRows))),
                         options.position(kRows)};
  if (!options.has(kRatio)) return std::nullopt;
  const std::string ratio = options.text(kRatio);
  const Int128 allowed = parse_decimal(ratio, 18, kRatioScale, true).value;
  if (Int128{rows.rejected} * kWhole <= allowed * rows.of) return std::nullopt;
  return ExceededLimit{kRatio + (" " + ratio), options.position(kRatio)};
}

void require_few_rejects(const Options& options, const RejectedRows& rows) {
  if (const auto exceeded = exceeded_limit(options, rows))
    throw too_many_rejects("this job", rows, exceeded->limit, exceeded->where);
}

Error too_many_rejects(const std::string& who, const RejectedRows& rows, const std::string& limit,
                       const SourcePosition& where) {
  return Error(ErrorClass::data,
               who + " rejects " + group_digits(rows.rejected) + " of " + group_digits(rows.of) +
                   " " + rows.whose + ", more than " + limit +
                   "; nothing is published, the rows stand in '" + rows.dataset + "'",
               where);
}

}  // namespace tallymill
