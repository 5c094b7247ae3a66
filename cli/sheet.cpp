#include "cli/sheet.h"

namespace tallymill {
namespace {

std::string html_table(const Sheet& sheet) {
  std::string text = "<h2>" + html_escaped(sheet.title) + "</h2>\n<table>\n<tr>";
  std::vector<bool> is_used(sheet.columns.size(), false);
  for (const auto& row : sheet.rows)
    for (std::size_t c = 0; c < row.size(); ++c) is_used[c] = is_used[c] || !row[c].empty();
  for (std::size_t c = 0; c < sheet.columns.size(); ++c)
    if (is_used[c])
      text += (sheet.columns[c].is_number ? "<th class=\"n\">" : "<th>") +
              html_escaped(sheet.columns[c].title) + "</th>";
  text += "</tr>\n";
  for (const auto& row : sheet.rows) {
    text += "<tr>";
    for (std::size_t c = 0; c < sheet.columns.size(); ++c)
      if (is_used[c])
        text += (sheet.columns[c].is_number ? "<td class=\"n\">" : "<td>") +
                html_escaped(c < row.size() ? row[c] : "") + "</td>";
    text += "</tr>\n";
  }
  return text + "</table>\n";
}

constexpr const char* kStyle =
    "body{font:15px/1.5 sans-serif;color:#1b1b1b;background:#fff;max-width:72rem;margin:2rem auto;"
    "padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.8rem 0 .4rem}"
    "table{border-collapse:collapse}th,td{padding:.25rem .8rem .25rem 0;text-align:left;"
    "vertical-align:top;border-bottom:1px solid #ddd}.n{text-align:right;"
    "font-variant-numeric:tabular-nums}pre{background:#f6f6f6;padding:.8rem;overflow:auto}";

}  // namespace

std::string html_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string sheets_text(const std::vector<Sheet>& sheets) {
  std::string text;
  for (const Sheet& sheet : sheets) {
    TextTable table(sheet.columns);
    for (const auto& row : sheet.rows) table.add(row);
    if (!table.empty()) text += "\n" + sheet.title + "\n" + table.text();
  }
  return text;
}

std::string sheets_html(const std::vector<Sheet>& sheets) {
  std::string html;
  for (const Sheet& sheet : sheets)
    if (!sheet.rows.empty()) html += html_table(sheet);
  return html;
}

std::string html_page(const std::string& title, const std::string& heading,
                      const std::vector<std::string>& lines, const std::string& body) {
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>" +
      html_escaped(title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" +
      html_escaped(heading) + "</h1>\n";
  for (const std::string& line : lines) page += "<p>" + html_escaped(line) + "</p>\n";
  return page + body + "</body>\n</html>\n";
}

}  // namespace tallymill
