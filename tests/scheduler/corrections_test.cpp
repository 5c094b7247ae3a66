// What stands against a correction, and which of them count. On both databases.
#include "scheduler/corrections.h"

#include <doctest/doctest.h>

#include "scheduler/store.h"
#include "tests/scheduler/store_backends.h"

using namespace tallymill;

namespace {

std::string text_of(const std::string& line, std::optional<std::string> city) {
  Correction correction{{{"_source", "a.csv"}, {"_line", line}}, "d1", {}};
  if (city) correction.cells["city"] = *city;
  return corrections_text({correction});
}

Event imported(const std::string& job, const std::string& period, const std::string& text) {
  return {"rows_corrected",
          "",
          job,
          "as on paper",
          {{"graph", "g"},
           {"period", period},
           {"version", "v1"},
           {"file", "sheet.csv"},
           {"rows", 1},
           {"text", text}}};
}

}  // namespace

TEST_CASE_TEMPLATE("corrections: of all imports for a job and period the later word counts",
                   Backend, SqliteBackend, PostgresqlBackend) {
  Backend backend;
  Store store(backend.address(), "ann");
  CHECK(corrections_in_effect(store.view(), "g", "2026-01").empty());
  store.append(imported("clean", "2026-01", text_of("2", "北京")));
  store.append(imported("clean", "2026-01", text_of("3", "上海")));
  store.append(imported("clean", "2026-02", text_of("2", "广州")));
  store.append(imported("read[b]", "2026-01", text_of("2", "x")));
  store.commit();
  const TextsInstead texts = corrections_in_effect(store.view(), "g", "2026-01");
  REQUIRE(texts.size() == 2);
  CHECK(texts.at("corrections/clean.json") ==
        corrections_text(merged_corrections(corrections_from(text_of("2", "北京"), "t"),
                                            corrections_from(text_of("3", "上海"), "t"))));
  CHECK(texts.contains("corrections/read[b].json"));
  const std::vector<CorrectionImport> imports =
      correction_imports(store.view(), "g", "clean", "2026-01");
  REQUIRE(imports.size() == 2);
  CHECK(imports[1].who == "ann");
  CHECK(imports[1].why == "as on paper");
  CHECK(imports[1].rows == 1);
  const auto since = [&](std::int64_t event) {
    return rows_corrected_since(store.view(), "g", "clean", "2026-01", event);
  };
  CHECK(since(imports[0].event) == 2);
  CHECK(since(imports[1].event) == 1);

  store.append(imported("clean", "2026-01", text_of("2", std::nullopt)));
  store.commit();
  CHECK(corrections_in_effect(store.view(), "g", "2026-01").at("corrections/clean.json") ==
        text_of("3", "上海"));
  CHECK(since(imports[0].event) == 1);  // of row 2 nothing is said any more
  store.append(imported("clean", "2026-01", text_of("3", "上海")));
  store.commit();
  CHECK(since(imports[0].event) == 1);  // said twice, and one row all the same
}

TEST_CASE("corrections: an order travels over the socket as it is") {
  const CorrectionOrder order{.graph = "g",
                              .job = "clean[北京]",
                              .period = "2026-01",
                              .version = "v1",
                              .file = "sheet.csv",
                              .why = "as on paper",
                              .text = text_of("2", "北京"),
                              .beside = 7};
  const CorrectionOrder read = correction_order_from(to_wire(order));
  CHECK(read.job == order.job);
  CHECK(read.text == order.text);
  CHECK(read.version == order.version);
  CHECK(read.beside == 7);
}
