#include <doctest/doctest.h>

#include <filesystem>

#include "core/files.h"
#include "tests/connectors/source_fixture.h"
#include "tests/folders.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

class JsonSink final : public RecordSink {
 public:
  explicit JsonSink(const RecordReader& reader) : reader_(reader) {}
  void record(std::size_t, std::int64_t, std::span<const SourceField> fields,
              std::string_view) override {
    json::object object;
    for (std::size_t i = 0; i < fields.size(); ++i)
      object[reader_.columns()[i]] = std::string(fields[i].text);
    records.push_back(object);
  }
  void malformed(std::size_t, std::int64_t, std::string_view reason, std::string,
                 std::string_view) override {
    FAIL("rejected: ", std::string(reason));
  }
  bool is_full() const override { return false; }

  json::array records;

 private:
  const RecordReader& reader_;
};

std::string with_crlf(const std::string& text) {
  std::string result;
  for (char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return result;
}

}  // namespace

TEST_CASE("csv: the eleven files of csv-spectrum hold what their authors say") {
  const fs::path suite = fs::path(kSourceFolder) / "tests/data/csv-spectrum";
  ConnectorFixture fixture("files", "root: in");
  int count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(suite / "csvs")) {
    const std::string name = entry.path().stem().string();
    CAPTURE(name);
    const std::string text = read_file(entry.path());
    fixture.write("in/" + name + ".csv", name.ends_with("_crlf") ? with_crlf(text) : text);
    const auto reader = fixture.open("path: " + name + ".csv");
    JsonSink sink(*reader);
    const auto cursor = reader->open_cursor();
    while (cursor->read(sink)) {
    }
    reader->finish();
    CHECK(json::value(sink.records) ==
          parse_json(read_file(suite / "json" / (name + ".json")), name));
    ++count;
  }
  CHECK(count == 11);
}
