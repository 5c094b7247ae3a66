#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "command_line.h"
#include "sample_workspace.h"

namespace tallymill {

/// A workspace in which graph `g` of jobs `a` and `b` ran once.
struct AuditedWorkspace : SampleWorkspace {
  AuditedWorkspace() {
    write("graphs/g.yaml",
          "graph: g\nperiod: month\njobs:\n  a: { type: noop }\n  b: { type: noop, needs: [a] }\n");
    REQUIRE(run_tallymill({"run", "g", "--period", "2026-01", "--workspace", root()}).exit == 0);
  }
  CommandOutcome audit(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), "audit");
    more.insert(more.end(), {"--workspace", root()});
    return run_tallymill(more);
  }
};

}  // namespace tallymill
