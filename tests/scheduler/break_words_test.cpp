// Which words about breaks count, and when. On both databases.
#include "scheduler/break_words.h"

#include <doctest/doctest.h>

#include "scheduler/store.h"
#include "tests/scheduler/store_backends.h"

using namespace tallymill;

namespace {

/// A graph whose job `agree` carries breaks forward, in two partitions; `clean` corrects rows.
Graph graph_of_breaks() {
  Graph graph;
  graph.name = "g";
  for (const char* name : {"agree[east]", "agree[west]", "clean"}) {
    JobNode& job = graph.jobs.emplace_back();
    job.spec.name = name;
    if (std::string_view(name).starts_with("agree"))
      job.shape.outputs = {{open_breaks_dataset("agree"), {}}};
  }
  return graph;
}

Event said(const std::string& job, const std::string& period, const std::string& version,
           std::map<std::string, std::optional<std::string>> cells) {
  const Correction word{{{kBreakId, "b1"}}, "d-" + version, std::move(cells)};
  return {"rows_corrected",
          "",
          job,
          "letter",
          {{"graph", "g"},
           {"period", period},
           {"version", version},
           {"file", "sheet.csv"},
           {"rows", 1},
           {"of", "breaks"},
           {"text", corrections_text({word})}}};
}

std::optional<std::string> cell(const TextsInstead& texts, const std::string& job,
                                const std::string& name) {
  const std::vector<Correction> words =
      corrections_from(texts.at("corrections/" + job + ".json"), "t");
  REQUIRE(words.size() == 1);
  const auto found = words[0].cells.find(name);
  return found == words[0].cells.end() ? "nothing is said" : found->second;
}

}  // namespace

TEST_CASE_TEMPLATE("break words: a word counts in its period and later, of each cell the last one",
                   Backend, SqliteBackend, PostgresqlBackend) {
  Backend backend;
  Store store(backend.address(), "ann");
  const Graph graph = graph_of_breaks();
  const auto in_effect = [&](const char* period) {
    return break_words_in_effect(store.view(), graph, *Period::parse(period));
  };
  store.append(said("agree[east]", "2026-01", "v1", {{kOwner, "li"}, {kResolution, kAccepted}}));
  store.append(said("agree[east]", "2026-03", "v3", {{kOwner, "wang"}}));
  store.append(said("agree[west]", "2026-02", "v2", {{kNote, "asked"}}));
  store.append(said("clean", "2026-01", "v1", {{"city", "x"}}));
  store.commit();
  CHECK(in_effect("2025-12").empty());
  CHECK(in_effect("2026-01-31").empty());  // another kind of period
  CHECK(in_effect("2026-01").size() == 1);
  CHECK(cell(in_effect("2026-02"), "agree[east]", kOwner) == "li");
  CHECK(cell(in_effect("2026-02"), "agree[east]", kResolvedBy) == "ann");
  CHECK(cell(in_effect("2026-02"), "agree[east]", kResolvedIn) == "2026-01");
  CHECK(cell(in_effect("2026-02"), "agree[west]", kNote) == "asked");
  const TextsInstead march = in_effect("2026-03");
  CHECK(march.size() == 2);
  CHECK(cell(march, "agree[east]", kOwner) == "wang");
  CHECK(cell(march, "agree[east]", kResolution) == kAccepted);
}

TEST_CASE_TEMPLATE("break words: a stamp is another one after every word", Backend, SqliteBackend,
                   PostgresqlBackend) {
  Backend backend;
  Store store(backend.address(), "ann");
  const auto stamp = [&] { return break_stamp(store.view(), "g", "agree", "v1"); };
  CHECK(stamp() == "v1");
  store.append(said("agree", "2026-01", "v1", {{kOwner, "li"}}));
  store.append(said("agree", "2026-01", "v0", {{kOwner, "zhao"}}));
  store.commit();
  const std::string first = stamp();
  CHECK(first.starts_with("v1+"));
  CHECK(stamped_version(first) == "v1");
  CHECK(words_about(store.view(), "g", "agree", "v1").standing()[0].cells.at(kOwner) == "li");
  store.append(said("agree", "2026-01", "v1", {{kOwner, "wang"}}));
  store.commit();
  CHECK(stamp() != first);
  CHECK(words_about(store.view(), "g", "agree", "v1").standing()[0].cells.at(kOwner) == "wang");
}
