#pragma once

#include "program.h"

namespace tallymill {

/// A workspace whose run waits for a person: checked, then chief_agrees, then closed.
class WaitingRun : public ProgramFixture {
 public:
  static constexpr const char* kRun = "close.2026-01.1";
  WaitingRun() {
    write("tallymill.yaml", "workspace: waiting\n");
    write("graphs/close.yaml",
          "graph: close\nperiod: month\njobs:\n"
          "  checked: { type: noop }\n"
          "  chief_agrees: { type: approval, ask: 'all right?', needs: [checked] }\n"
          "  closed: { type: noop, needs: [chief_agrees] }\n");
  }
  ProgramEnd begin() { return run({"run", "close", "--period", "2026-01"}); }
};

}  // namespace tallymill
