#include "cli/sheet.h"

namespace tallymill {
namespace {

constexpr std::size_t kLongList = 30;

std::string html_table(const Sheet& sheet) {
  // Side by side, what would be pages of three narrow columns is taken in at a glance.
  const bool is_list = sheet.columns.size() <= 3 && sheet.rows.size() >= kLongList;
  std::string text = "<h2>" + html_escaped(sheet.title) + "</h2>\n<div class=\"" +
                     (is_list ? "list" : "wide") + "\">\n<table>\n<tr>";
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
  return text + "</table>\n</div>\n";
}

constexpr const char* kStyle =
    "body{font:15px/1.5 sans-serif;color:#1b1b1b;background:#fff;max-width:72rem;margin:2rem auto;"
    "padding:0 1rem}h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:1.8rem "
    "0 .4rem}"
    "table{border-collapse:collapse}.wide{overflow-x:auto}.wide td{overflow-wrap:anywhere;"
    "min-width:7rem}.wide td.n{min-width:0;overflow-wrap:normal}.list{columns:20rem;"
    "column-gap:3rem}th,td{padding:.25rem .8rem .25rem 0;text-align:left;"
    "vertical-align:top;border-bottom:1px solid #ddd}.n{text-align:right;"
    "font-variant-numeric:tabular-nums}pre{background:#f6f6f6;padding:.8rem;overflow:auto}"
    "h3{font-size:1rem;margin:1.4rem 0 .3rem}p{margin:.3rem 0}section{padding-left:1rem;"
    "content-visibility:auto;contain-intrinsic-size:auto 18rem;"
    "border-left:3px solid #ddd}article{border-top:2px solid #999;margin-top:2rem}"
    "article>h2:first-child{font-size:1.2rem}.fail{color:#a4161a}.warn{color:#8a5a00}.pass{color:#"
    "1b6b3a}";

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
