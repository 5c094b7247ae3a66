#include "cli/junit.h"

#include <vector>

#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::size_t kMostRows = 20;

/// Text or attribute. What XML cannot hold becomes U+FFFD, line breaks in attributes stay breaks.
std::string xml_escaped(const std::string& text) {
  constexpr const char* kNoCharacter = "\xEF\xBF\xBD";
  if (!is_valid_utf8(text)) {
    std::string ascii;
    for (const char c : text) ascii += static_cast<unsigned char>(c) < 0x80 ? c : '?';
    return xml_escaped(ascii);
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\n' || c == '\t' || c == '\r')
      out += "&#" + std::to_string(static_cast<int>(c)) + ";";
    else if (static_cast<unsigned char>(c) < ' ')
      out += kNoCharacter;
    else if (text.compare(i, 3, "\xEF\xBF\xBE") == 0 || text.compare(i, 3, "\xEF\xBF\xBF") == 0)
      out += kNoCharacter, i += 2;
    else
      out += c;
  }
  return out;
}

std::string attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + xml_escaped(value) + "\"";
}

/// Lines of text stay lines.
std::string body(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n" + xml_escaped(line);
  return text + "\n";
}

/// "orders.csv:4: city is null; expected a value", or the cells of a row that says no such thing.
std::string row_text(const json::object& row) {
  const std::string message = json_text_or(row, "_message", "");
  const std::string source = json_text_or(row, "_source", "");
  if (message.empty()) return json::serialize(row);
  return (source.empty() ? "" : source + ":" + json_text_or(row, "_line", "") + ": ") + message;
}

/// What is in the <failure> beside its message.
std::vector<std::string> details_of(const json::object& check) {
  std::vector<std::string> lines;
  const auto add = [&](const char* what, const std::string& text) {
    if (!text.empty()) lines.push_back(std::string(what) + ": " + text);
  };
  add("where", json_text_or(check, "where", ""));
  add("dataset", json_text_or(check, "dataset", ""));
  add("observed", json_text(check, "observed"));
  add("expected", json_text(check, "expected"));
  if (const json::object* tolerance = json_at(check, "tolerance").if_object())
    add("tolerated", json::serialize(*tolerance));
  for (const json::value& value : json_at(check, "top_values").as_array())
    add("value", json_text(value.as_object(), "value") + " (" +
                     group_digits(json_integer(value.as_object(), "rows")) + ")");
  if (const json::array* sample = json_at(check, "sample").if_array())
    for (std::size_t i = 0; i < sample->size() && i < kMostRows; ++i)
      add("row", row_text((*sample)[i].as_object()));
  return lines;
}

/// Of a reconcile job: the classes of its statement that have keys, what its breaks lived through,
/// and some of them.
std::vector<std::string> breaks_of(const json::object& job) {
  std::vector<std::string> lines;
  const json::object& report = json_at(job, "report").as_object();
  const auto list = [&](const json::object& statement, const char* entries, const char* name,
                        const char* count, const char* amount) {
    const json::value* items = statement.if_contains(entries);
    if (items == nullptr || !items->is_array()) return;
    for (const json::value& item : items->as_array()) {
      const json::object& entry = item.as_object();
      if (entry.contains(count) && entry.contains(amount) && json_integer(entry, count) != 0)
        lines.push_back(json_text_or(entry, "currency", "") +
                        (entry.contains("currency") ? " " : "") + json_text(entry, name) + ": " +
                        group_digits(json_integer(entry, count)) + ", difference " +
                        json_text(entry, amount));
    }
  };
  if (const json::value* statement = report.if_contains("statement"))
    list(statement->as_object(), "classes", "class", "keys", "difference");
  if (const json::value* life = report.if_contains("life"))
    list(life->as_object(), "statement", "line", "breaks", "amount");
  if (const json::object* rows = json_at(job, "turned_away").if_object())
    if (const json::array* sample = json_at(*rows, "sample").if_array())
      for (std::size_t i = 0; i < sample->size() && i < kMostRows; ++i)
        lines.push_back("row: " + row_text((*sample)[i].as_object()));
  return lines;
}

/// The cases of one suite, and how many of each kind they are.
class Suite {
 public:
  explicit Suite(std::string class_name) : class_name_(std::move(class_name)) {}

  void check(const json::object& check) {
    const std::string outcome = json_text(check, "outcome");
    const std::string message = json_text(check, "message");
    begin(json_text(check, "name"));
    if (outcome == "fail") {
      ++failures_;
      element("failure", json_text(check, "check"), message, details_of(check));
    } else if (outcome == "not_applicable") {
      ++skipped_;
      cases_ += "      <skipped" + attribute("message", message) + "/>\n";
    } else if (outcome == "warn") {
      std::vector<std::string> lines = details_of(check);
      lines.insert(lines.begin(), "warning: " + message);
      cases_ += "      <system-out>" + body(lines) + "</system-out>\n";
    }
    end();
  }

  /// What a job has to say beside its checks: it could not run, did not, or found breaks.
  void job(const json::object& job) {
    const std::string state = json_text(job, "state");
    const std::string name = json_text(job, "job");
    const bool is_refused = has_refused(job);
    if (json_at(job, "checks").as_array().empty() && (is_refused || found(job, "error") > 0)) {
      ++failures_;
      begin(name);
      element("failure", json_text(job, "type"), findings_of(job, is_refused), breaks_of(job));
      end();
    } else if (json_text(job, "type") == "reconcile" && found(job, "warn") > 0) {
      begin(name);
      std::vector<std::string> lines = breaks_of(job);
      lines.insert(lines.begin(), "warning: " + findings_of(job, false));
      cases_ += "      <system-out>" + body(lines) + "</system-out>\n";
      end();
    } else if (state == "failed" && !is_refused) {
      ++errors_;
      begin(name);
      const json::object* error = json_at(job, "error").if_object();
      element("error", error ? json_text(*error, "class") : state,
              error ? json_text(*error, "message") : json_text_or(job, "reason", state), {});
      end();
    } else if (state != "succeeded" && state != "up_to_date" && state != "failed") {
      ++skipped_;
      begin(name);
      const std::string reason = json_text_or(job, "reason", "");
      cases_ += "      <skipped" +
                attribute("message", state + (reason.empty() ? "" : ": " + reason)) + "/>\n";
      end();
    }
  }

  /// <testsuite> with these attributes in front of the counts.
  std::string text(const std::string& name) const {
    return "  <testsuite" + attribute("name", name) + counts() + ">\n" + cases_ +
           "  </testsuite>\n";
  }
  std::string counts() const {
    return attribute("tests", std::to_string(tests_)) +
           attribute("failures", std::to_string(failures_)) +
           attribute("errors", std::to_string(errors_)) +
           attribute("skipped", std::to_string(skipped_));
  }
  void add_counts(const Suite& other) {
    tests_ += other.tests_;
    failures_ += other.failures_;
    errors_ += other.errors_;
    skipped_ += other.skipped_;
  }

 private:
  static bool has_refused(const json::object& job) {
    const json::object* gate = json_at(job, "gate").if_object();
    return gate != nullptr && !json_boolean(*gate, "passed");
  }

  static std::int64_t found(const json::object& job, const char* severity) {
    const json::object* findings = json_at(job, "findings").if_object();
    return findings == nullptr ? 0 : json_integer(*findings, severity);
  }

  /// "2 findings, refused balances, 2 rows of gl_equals_ledger.breaks"
  static std::string findings_of(const json::object& job, bool is_refused) {
    const std::int64_t errors = found(job, "error");
    const std::int64_t findings = errors > 0 ? errors : found(job, "warn");
    std::string text = group_digits(findings) + (findings == 1 ? " finding" : " findings");
    if (is_refused) text += ", refused " + json_text(json_at(job, "gate").as_object(), "dataset");
    if (const json::object* rows = json_at(job, "turned_away").if_object())
      text += ", " + group_digits(json_integer(*rows, "rows")) + " rows of " +
              json_text(*rows, "dataset");
    return text;
  }

  void begin(const std::string& name) {
    ++tests_;
    cases_ +=
        "    <testcase" + attribute("name", name) + attribute("classname", class_name_) + ">\n";
  }
  void element(const char* name, const std::string& type, const std::string& message,
               const std::vector<std::string>& lines) {
    cases_ += std::string("      <") + name + attribute("message", message) +
              attribute("type", type) + ">" + body(lines) + "</" + name + ">\n";
  }
  void end() { cases_ += "    </testcase>\n"; }

  std::string class_name_;
  std::string cases_;
  std::int64_t tests_ = 0;
  std::int64_t failures_ = 0;
  std::int64_t errors_ = 0;
  std::int64_t skipped_ = 0;
};

}  // namespace

std::string junit_xml(const json::object& results) {
  Suite all("");
  std::string suites;
  for (const json::value& item : json_at(results, "jobs").as_array()) {
    const json::object& job = item.as_object();
    Suite suite(json_text(results, "graph") + "." + json_text(job, "job"));
    for (const json::value& check : json_at(job, "checks").as_array())
      suite.check(check.as_object());
    suite.job(job);
    suites += suite.text(json_text(job, "job"));
    all.add_counts(suite);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
         attribute("name", json_text(results, "graph") + " " + json_text(results, "period")) +
         all.counts() + ">\n" + suites + "</testsuites>\n";
}

}  // namespace tallymill
