#include "verify/hash_index.h"
#include "verify/key_sums.h"
#include "verify/published_rows.h"
#include "verify/sides.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

const std::string kInstalments =
    "every instalment is the amount divided by the months, the last one the rest";

struct Plan {
  Int128 total = 0;
  std::int64_t months = 0;
};

void check_instalments(Engine& engine, const RecordedVersion& into,
                       const std::vector<std::string>& key, Proof& proof) {
  std::vector<std::string> names = key;
  names.emplace_back("instalment");
  names.emplace_back("amount");
  const std::vector<Column> columns =
      columns_named(row_shape(into.folder).schema, names, into.dataset);
  const int scale = columns.back().type.is_decimal() ? columns.back().type.scale : 0;
  ByHash<Plan> plans;
  std::int64_t rows = 0;
  read_rows(engine, into, columns, {}, [&](const Row& row) {
    Plan& plan = plans[key_hash(row, columns, key.size())];
    plan.total += row.units(key.size() + 1);
    ++plan.months;
    ++rows;
  });
  read_rows(engine, into, columns, {}, [&](const Row& row) {
    const Plan& plan = plans[key_hash(row, columns, key.size())];
    const Int128 number = row.units(key.size());
    const Int128 each = plan.total / plan.months;
    const Int128 expected = number < plan.months ? each : plan.total - each * (plan.months - 1);
    if (row.units(key.size() + 1) == expected && number >= 1 && number <= plan.months) return;
    proof.fails({.dataset = into.dataset,
                 .file = std::string(row.file()),
                 .line = row.line(),
                 .identity = kInstalments,
                 .expected = format_decimal(expected, scale) + ", one of " +
                             std::to_string(plan.months) + " of " +
                             name_of(row, columns, places(0, key.size())),
                 .found = row.shown(key.size() + 1) + ", instalment " + row.shown(key.size())});
  });
  proof.looked_at(kInstalments, rows);
}

void verify_instalments(Engine& engine, const RecordedJob& job, Proof& proof) {
  const RecordedVersion parked = made_version(job, job.job + ".parked");
  const RecordedVersion into = made_version(job, job.options.text("into"));
  const std::vector<std::string> key = key_of(parked);
  check_key_sums(
      engine, job,
      {.name = "of every plan: in = scheduled + parked",
       .left = {{"in", input_versions(job, "from"), key,
                 job.options.object("from").text("amount")}},
       .right = {{"scheduled", {into}, key, "amount"}, {"parked", {parked}, key, "amount"}},
       .certified_as = "pools"},
      proof);
  check_instalments(engine, into, key, proof);
}

}  // namespace
}  // namespace tallymill::verify

namespace tallymill {

void register_instalments(Registry<JobVerifier>& verifiers) {
  verifiers.add(
      {.name = "instalments",
       .summary = "The instalments of a plan are equal but for the last, and add up to it.",
       .verify = verify::verify_instalments});
}

}  // namespace tallymill
