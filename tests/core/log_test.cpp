#include "core/log.h"

#include <doctest/doctest.h>

#include <regex>
#include <thread>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "tests/temporary_folder.h"

using namespace tallymill;

TEST_CASE("log: every event is one JSON object on one line, with the time in UTC") {
  const TemporaryFolder folder;
  EventLog log(folder.path() / "log.jsonl");
  log.info("started", {{"job", "clean"}, {"rows", 5}});
  log.warn("odd", {{"text", "two\nlines \"quoted\" {}"}});
  log.error("stopped");
  const std::vector<std::string> lines = split(read_file(folder.path() / "log.jsonl"), '\n');
  REQUIRE(lines.size() == 4);
  CHECK(lines[3] == "");
  const json::object first = parse_json(lines[0], "line").as_object();
  CHECK(std::regex_match(json_text(first, "at"),
                         std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
  CHECK(json_text(first, "level") == "info");
  CHECK(json_text(first, "event") == "started");
  CHECK(json_text(first, "job") == "clean");
  CHECK(json_integer(first, "rows") == 5);
  CHECK(json_text(parse_json(lines[1], "line").as_object(), "text") == "two\nlines \"quoted\" {}");
  CHECK(json_text(parse_json(lines[2], "line").as_object(), "level") == "error");
}

TEST_CASE("log: a second log of the same file appends") {
  const TemporaryFolder folder;
  EventLog(folder.path() / "l").info("one");
  EventLog second(folder.path() / "l");
  EventLog moved(std::move(second));
  moved.info("two");
  CHECK(split(read_file(folder.path() / "l"), '\n').size() == 3);
}

TEST_CASE("log: lines of several threads do not mix") {
  const TemporaryFolder folder;
  {
    EventLog log(folder.path() / "l");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&log, t] {
        for (int i = 0; i < 200; ++i) log.info("e", {{"thread", t}, {"i", i}});
      });
    for (std::thread& thread : threads) thread.join();
  }
  const std::vector<std::string> lines = split(read_file(folder.path() / "l"), '\n');
  REQUIRE(lines.size() == 801);
  for (std::size_t i = 0; i < 800; ++i) CHECK_NOTHROW(parse_json(lines[i], "line"));
}

TEST_CASE("log: a folder that is not there is an error that names the file") {
  CHECK_THROWS_WITH_AS(EventLog("/nowhere/log.jsonl"),
                       "error: writing '/nowhere/log.jsonl' failed: No such file or directory",
                       Error);
}

TEST_CASE("log: people read key=value") {
  CHECK(format_log_line(R"({"at":"2026-09-02T04:00:13.250Z","level":"info","event":"done",)"
                        R"("job":"clean_gl","rows":120398,"note":"two words","none":"",)"
                        R"("list":[1,2],"name":"客户"})") ==
        "2026-09-02T04:00:13Z info  event=done job=clean_gl rows=120398 note=\"two words\" "
        "none=\"\" list=[1,2] name=客户");
  CHECK(format_log_line(R"({"at":"2026-09-02T04:00:13.000Z","level":"error","event":"e"})") ==
        "2026-09-02T04:00:13Z error event=e");
}

TEST_CASE("log: a line that is no event comes back as it is") {
  for (const char* line : {"", "plain text", "{\"at\":", "[1]", "{\"a\":1}", "{\"at\":5}"})
    CHECK(format_log_line(line) == line);
}

namespace {

std::vector<json::object> lines_of(const std::filesystem::path& file) {
  std::vector<json::object> lines;
  for (const std::string& line : split(read_file(file), '\n'))
    if (!line.empty()) lines.push_back(parse_json(line, "log").as_object());
  return lines;
}

}  // namespace

TEST_CASE("log: equal lines one after the other are told once, with their number") {
  const TemporaryFolder folder;
  {
    EventLog log(folder.path() / "l");
    for (int i = 0; i < 1'000; ++i) log.warn("slow_source", {{"source", "orders"}});
    log.warn("slow_source", {{"source", "items"}});
    log.info("slow_source", {{"source", "items"}});
    log.info("slow_source", {{"source", "items"}});
  }
  const auto lines = lines_of(folder.path() / "l");
  REQUIRE(lines.size() == 5);
  CHECK(lines[1].at("event") == "repeated");
  CHECK(lines[1].at("of") == "slow_source");
  CHECK(lines[1].at("times") == 999);
  CHECK(lines[2].at("source") == "items");
  CHECK(lines[3].at("level") == "info");
  CHECK(lines[4].at("times") == 1);
}

TEST_CASE("log: what is over the budget is counted, and warnings have room of their own") {
  const TemporaryFolder folder;
  {
    EventLog log(folder.path() / "l", {.bytes = 2'000, .warnings = 1'000});
    for (int i = 0; i < 100; ++i) log.info("row", {{"number", i}});
    log.error("lost_connection");
    for (int i = 0; i < 100; ++i) log.warn("odd", {{"number", i}});
  }
  CHECK(std::filesystem::file_size(folder.path() / "l") < 3'300);
  const auto lines = lines_of(folder.path() / "l");
  const auto count = [&](std::string_view event) {
    return std::count_if(lines.begin(), lines.end(), [&](const json::object& line) {
      return line.at("event").as_string() == event;
    });
  };
  CHECK(count("log_full") == 1);
  CHECK(count("lost_connection") == 1);
  CHECK(lines.back().at("event") == "log_dropped");
  CHECK(lines.back().at("lines") == 200 - count("row") - count("odd"));
}
