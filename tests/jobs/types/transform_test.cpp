#include <doctest/doctest.h>

#include "jobs/job.h"

namespace tallymill {
void register_transform(Registry<JobType>& jobs);
}
using namespace tallymill;

namespace {

struct Loaded {
  JobShape shape;
  std::string problems;
};

Loaded load(const std::string& rest) {
  Registry<JobType> jobs;
  register_transform(jobs);
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse(
      "g.yaml", "type: transform\ninputs: [bills, clean.rejects]\ninto: out\n" + rest, diagnostics);
  REQUIRE(document);
  const JobSpec spec{"g", "t", "transform", Options(document->root()), {}};
  const JobType& type = *jobs.find("transform");
  Loaded loaded;
  validate_options(document->root(), type.options, "job 't'", diagnostics, {"type"});
  if (!diagnostics.has_errors()) type.shape(spec, loaded.shape, diagnostics);
  for (const Diagnostic& item : diagnostics.sorted())
    loaded.problems += item.where.text() + ": " + item.message +
                       (item.hint.empty() ? "" : "; " + item.hint) + "\n";
  return loaded;
}

const std::string kBody = "sql: select 1 as k\nkey: k\ncolumns: { k: integer }\n";

}  // namespace

TEST_CASE("transform: its shape names inputs and output with their places") {
  const Loaded loaded = load(kBody + "balance: none\nbecause: a constant\n");
  CHECK(loaded.problems == "");
  REQUIRE(loaded.shape.inputs.size() == 2);
  CHECK(loaded.shape.inputs[1].dataset == "clean.rejects");
  CHECK(loaded.shape.inputs[1].where.text() == "g.yaml:2:17");
  CHECK(loaded.shape.outputs.at(0).dataset == "out");
  CHECK(loaded.shape.needs_engine);
}

TEST_CASE("transform: a balance is declared, or its absence explained") {
  CHECK(load(kBody).problems ==
        "g.yaml:1:1: job 't' lacks the option 'balance'; 'balance' is: What must be equal in "
        "inputs and output, or `none`\n");
  CHECK(load(kBody + "balance: none\n").problems ==
        "g.yaml:7:10: 'balance: none' needs a reason; say why nothing can be balanced: because: "
        "\"...\"\n");
  CHECK(load(kBody + "balance: { in: { dataset: bills }, out: {} }\n").problems ==
        "g.yaml:7:10: the balance compares nothing; name an 'amount' on both sides, or set rows: "
        "true\n");
  CHECK(load(kBody + "balance: { in: { dataset: bill, amount: a }, out: { amount: k } }\n")
            .problems == "g.yaml:7:16: 'bill' is no input of this job\n");
  CHECK(load(kBody + "balance: { in: [{ dataset: bills, amount: a }, { dataset: clean.rejects, "
                     "amount: b }], out: { amount: k } }\n")
            .problems == "");
}

TEST_CASE("transform: key and columns are checked before anything runs") {
  CHECK(load("sql: select 1\nkey: q\ncolumns: { k: integer }\nbalance: none\nbecause: x\n")
            .problems == "g.yaml:5:6: key column 'q' is not declared in 'columns'\n");
  CHECK(
      load("sql: select 1\nkey: k\ncolumns: { k: intger }\nbalance: none\nbecause: x\n").problems ==
      "g.yaml:6:15: unknown type 'intger'; did you mean 'integer'?\n");
  CHECK(load("sql: select 1\nkey: k\ncolumns: { k: { type: text, requird: true } }\nbalance: "
             "none\nbecause: x\n")
            .problems.find("unknown option 'requird'") != std::string::npos);
}
