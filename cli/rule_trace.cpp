#include "cli/rule_trace.h"

#include "cli/text_table.h"
#include "core/text.h"

namespace tallymill {
namespace {

std::string block(const std::string& title, const TextTable& table) {
  return table.empty() ? std::string() : "\n" + title + "\n" + table.text();
}

std::string pairs_text(const json::object& answer, const char* list, const char* title) {
  TextTable table({{"column"}, {"value"}});
  for (const json::value& item : json_at(answer, list).as_array())
    table.add({json_text(item.as_object(), "column"), json_text(item.as_object(), "value")});
  return block(title, table);
}

std::string steps_text(const json::object& answer) {
  TextTable table({{"line", true}, {"condition"}, {"with"}, {"is"}});
  for (const json::value& item : json_at(answer, "steps").as_array()) {
    const json::object& step = item.as_object();
    const std::string with = step.contains("operator")
                                 ? json_text(step, "left") + " " + json_text(step, "operator") +
                                       " " + json_text(step, "right")
                                 : json_text(step, "left");
    table.add({std::to_string(json_integer(step, "line")), json_text(step, "condition"), with,
               json_boolean(step, "outcome") ? "true" : "false"});
  }
  const std::int64_t more = json_integer(answer, "more_steps");
  return block("path", table) +
         (more > 0 ? "  and " + group_digits(more) + " conditions more\n" : "");
}

std::string params_text(const json::object& answer) {
  TextTable table({{"parameter"}, {"value"}, {"from"}});
  for (const json::value& item : json_at(answer, "params").as_array()) {
    const json::object& param = item.as_object();
    table.add({json_text(param, "name"), json_text(param, "value"), json_text(param, "from")});
  }
  return block("parameters read", table);
}

}  // namespace

std::string trace_text(const json::object& answer) {
  const std::string message = json_text(answer, "message");
  return json_text(answer, "file") + " over one row\n" + pairs_text(answer, "row", "row") +
         steps_text(answer) + params_text(answer) + pairs_text(answer, "gives", "gives") +
         "\nverdict: " + json_text(answer, "verdict") + (message.empty() ? "" : ": " + message) +
         "\n";
}

}  // namespace tallymill
