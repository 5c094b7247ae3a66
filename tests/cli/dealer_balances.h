#pragma once

#include "books.h"
#include "core/files.h"

namespace tallymill {

/// Balances of dealers, by our books and by theirs: in January B and C differ, and D is theirs
/// alone; in February C agrees.
struct DealerBalances : ProgramFixture {
  explicit DealerBalances(const std::string& life = "    life: { since: 2026-01 }\n") {
    write("tallymill.yaml",
          "workspace: dealers\ncurrency: { code: CNY, scale: 2 }\n"
          "connectors: { files: { type: files, root: sources } }\n");
    std::string graph = "graph: balances\nperiod: month\njobs:\n";
    for (const char* side : {"ours", "theirs"})
      graph += std::string("  ") + side +
               ":\n    type: extract\n    from: { connector: files, path: \"" + side +
               "-${period}.csv\" }\n    into: " + side +
               "\n    key: [dealer]\n    columns: { dealer: { type: text, sensitive: true }, "
               "balance: money }\n";
    graph +=
        "  agree:\n    type: reconcile\n"
        "    left: { dataset: ours, key: [dealer], amount: balance }\n"
        "    right: { dataset: theirs, key: [dealer], amount: balance }\n"
        "    severity: warn\n" +
        life;
    write("graphs/balances.yaml", graph);
    write("sources/ours-2026-01.csv", "dealer,balance\nA,1.00\nB,2.00\nC,3.00\n");
    write("sources/theirs-2026-01.csv", "dealer,balance\nA,1.00\nB,2.50\nC,4.00\nD,9.00\n");
    write("sources/ours-2026-02.csv", "dealer,balance\nA,1.00\nB,2.00\nC,4.00\n");
    write("sources/theirs-2026-02.csv", "dealer,balance\nA,1.00\nB,2.50\nC,4.00\nD,9.00\n");
  }
  ProgramEnd month(const std::string& period) {
    return run({"run", "balances", "--period", period});
  }
  /// The id of the break with this difference.
  std::string id_of(const std::string& difference) {
    const ProgramEnd rows = run({"show", "agree.open_breaks", "--columns", "break_id", "--where",
                                 "difference = " + difference, "--csv"});
    const std::size_t begin = rows.out.find('\n') + 1;
    return rows.out.substr(begin, rows.out.find('\n', begin) - begin);
  }
  std::string state(const std::string& columns) {
    return run({"show", "agree.open_breaks", "--columns", columns, "--csv"}).out;
  }
};

}  // namespace tallymill
