#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "command_line.h"
#include "core/digest.h"
#include "core/rule_version.h"
#include "sample_workspace.h"

namespace tallymill {

/// A workspace whose check asks rule `limit` about three bills a month: ann 10.00 and bob 20.00 in
/// Beijing, cy 30.00 in Guangzhou.
class RuledWorkspace {
 public:
  explicit RuledWorkspace(bool needs_approval = false) {
    sample_.write("tallymill.yaml", std::string("workspace: ruled\n") +
                                        (needs_approval ? "rules: { approval: required }\n" : ""));
    sample_.write(
        "graphs/bills.yaml",
        "graph: bills\nperiod: month\njobs:\n  bills:\n    type: transform\n    inputs: []\n"
        "    sql: select * from (values ('ann', 'Beijing', 10.00::decimal(18,2)), ('bob', "
        "'Beijing', 20.00), ('cy', 'Guangzhou', 30.00)) as v(id, city, amount)\n"
        "    into: bills\n    key: [id]\n    columns: { id: text, city: text, amount: money }\n"
        "    balance: none\n    because: a test\n    tags: [result]\n"
        "  judged:\n    type: check\n    of: bills\n    checks:\n      - rule: limit\n");
    set_limit("25.00");
  }

  static std::string limit_text(const std::string& limit, const std::string& tests = {}) {
    return "local t = require \"tallymill\"\n\nreturn t.check_rule {\n  name = \"limit\",\n"
           "  needs = { amount = \"money\" },\n  check = function(row)\n"
           "    if row.amount > t.money \"" +
           limit +
           "\" then\n      return t.fail(\"HIGH\", \"{amount} is high\", row)\n    end\n  end,\n" +
           tests + "}\n";
  }
  /// The rule with a test that expects of it what it does not say.
  void write_failing_test() const {
    write("rules/limit.lua", limit_text("25.00",
                                        "  tests = { { given = { amount = t.money \"1.00\" }, "
                                        "expect = \"HIGH\" } },\n"));
  }
  /// The limit is that of the bill's city, from params/limits.csv.
  void take_limit_from_table(const std::string& beijing) const {
    write(
        "rules/limit.lua",
        "local t = require \"tallymill\"\n\nreturn t.check_rule {\n  name = \"limit\",\n"
        "  needs = { amount = \"money\", city = \"text\" },\n"
        "  params = { limit = t.param { type = \"money\", table = \"limits\", by = \"city\" } },\n"
        "  check = function(row, p)\n    if row.amount > p.limit then\n"
        "      return t.fail(\"HIGH\", \"{amount} is high\", row)\n    end\n  end,\n"
        "  tests = { { given = { amount = t.money \"2.00\", city = \"x\" }, params = { limit = "
        "t.money \"1.00\" }, expect = \"HIGH\" } },\n}\n");
    write("params/limits.csv", limits_text(beijing));
  }
  static std::string limits_text(const std::string& beijing) {
    return "# values: { limit: money }\norg,from,to,limit\n*,,,25.00\nBeijing,,," + beijing + "\n";
  }
  static std::string version_of(const std::string& text) {
    return short_version(rule_version({"rules/limit.lua", sha256_hex(text)}));
  }
  void set_limit(const std::string& limit) const { write("rules/limit.lua", limit_text(limit)); }
  void write(const std::string& file, const std::string& text) const { sample_.write(file, text); }
  std::string root() const { return sample_.root(); }

  CommandOutcome operator()(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--workspace", root()});
    return run_tallymill(arguments);
  }

  /// The same as another user of this machine, who is given the workspace. Needs root.
  CommandOutcome as_another(std::vector<std::string> arguments) const {
    namespace fs = std::filesystem;
    constexpr uid_t kNobody = 65534;
    give_to(kNobody);
    const std::string said = root() + "/said";
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) ::_exit(99);
      const CommandOutcome outcome = (*this)(std::move(arguments));
      write("said", outcome.out + "\n--\n" + outcome.err);
      ::_exit(outcome.exit);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const std::string text = fs::exists(said) ? read_file(said) : "\n--\n";
    const std::size_t at = text.find("\n--\n");
    return {WEXITSTATUS(status), text.substr(0, at), text.substr(at + 4)};
  }

 private:
  void give_to(uid_t user) const {
    namespace fs = std::filesystem;
    std::error_code none;
    if (::lchown(root().c_str(), user, user) != 0) return;
    for (fs::recursive_directory_iterator it(root(), none), end; it != end; it.increment(none))
      if (::lchown(it->path().c_str(), user, user) != 0) return;
  }

  SampleWorkspace sample_;
};

}  // namespace tallymill
