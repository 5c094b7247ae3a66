// How fast does a decision table of 1,000 rows label facts, against the same table in SQL? Modes:
//   decision_table make FACTS FILE          facts with three inputs
//   decision_table table FILE THREADS       the table as our rule
//   decision_table case FILE THREADS        as one CASE with an arm a row
//   decision_table nested FILE THREADS      as a CASE of campaigns, within each a CASE of its rows
//   decision_table join FILE THREADS        as a join with the rows, by campaign, then by ranges
// Each prints the facts a label got, as one sum, so that all must agree, and the seconds.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "core/text.h"
#include "rules/rule_runtime.h"

namespace {

using namespace tallymill;

constexpr int kCampaigns = 50;
constexpr int kBands = 10;      // of the amount
constexpr int kChannels = 2;    // and of the channel: 50 * 10 * 2 rows
constexpr int kBandWidth = 40;  // yuan

std::string number(int value, int digits) {
  std::string text = std::to_string(value);
  return std::string(static_cast<std::size_t>(digits) -
                         std::min<std::size_t>(text.size(), static_cast<std::size_t>(digits)),
                     '0') +
         text;
}

struct Row {
  std::string campaign, channel, low, high, label;
};

/// Every fact is met by one row.
std::vector<Row> rows() {
  std::vector<Row> result;
  for (int campaign = 0; campaign < kCampaigns; ++campaign)
    for (int band = 0; band < kBands; ++band)
      for (int channel = 0; channel < kChannels; ++channel)
        result.push_back({"P" + number(campaign, 2), channel == 0 ? "shop" : "net",
                          std::to_string(band * kBandWidth) + ".00",
                          std::to_string((band + 1) * kBandWidth) + ".00",
                          "L" + number((campaign * 7 + band * 3 + channel) % 100, 2)});
  return result;
}

std::string table_text() {
  std::string text =
      "# name: gift_class\n# kind: classify\n# hit: unique\n# inputs:\n#   campaign: text\n"
      "#   channel: text\n#   gift: money\n# otherwise: nothing\n"
      "campaign,channel,gift,label\n";
  for (const Row& row : rows())
    text += row.campaign + "," + row.channel + ",\"[" + row.low + ", " + row.high + ")\"," +
            row.label + "\n";
  return text;
}

std::string arm(const Row& row, bool with_campaign) {
  return " when " + (with_campaign ? "campaign = '" + row.campaign + "' and " : std::string()) +
         "channel = '" + row.channel + "' and gift >= " + row.low + " and gift < " + row.high +
         " then '" + row.label + "'";
}

std::string case_sql() {
  std::string sql = "case";
  for (const Row& row : rows()) sql += arm(row, true);
  return sql + " end";
}

std::string nested_sql() {
  std::string sql = "case campaign";
  std::string last;
  for (const Row& row : rows()) {
    if (row.campaign != last)
      sql += (last.empty() ? "" : " end") + std::string(" when '") + row.campaign + "' then case";
    last = row.campaign;
    sql += arm(row, false);
  }
  return sql + " end end";
}

EngineSettings settings(int threads) {
  EngineSettings result;
  result.threads = threads;
  result.readable = result.writable = {std::filesystem::current_path()};
  return result;
}

std::string quoted(const std::string& file) {
  return quote_literal(std::filesystem::absolute(file).string());
}

int make(const std::string& count, const std::string& file) {
  Engine engine(settings(2));
  engine.execute(
      "copy (select 'P' || lpad(((n * 31) % 50)::varchar, 2, '0') as campaign, "
      "case when n % 3 = 0 then 'net' else 'shop' end as channel, "
      "((n * 7919) % 40000 / 100.0)::decimal(18,2) as gift from range(" +
      count + ") as r(n)) to " + quoted(file) + " (format parquet)");
  return 0;
}

int run(const std::string& mode, const std::string& file, int threads) {
  Engine engine(settings(threads));
  RuleRuntime rules(&engine, {}, 2);
  const std::string facts = "read_parquet(" + quoted(file) + ")";
  const auto start = std::chrono::steady_clock::now();
  std::string sql;
  if (mode == "table") {
    Diagnostics diagnostics;
    Schema schema;
    schema.columns = {{.name = "campaign", .type = Type::text()},
                      {.name = "channel", .type = Type::text()},
                      {.name = "gift", .type = Type::money(2)}};
    rules.load({"gift_class", "rules/gift_class.csv", table_text()}, diagnostics);
    const auto call = rules.bind({"gift_class"}, schema, {}, {}, diagnostics);
    if (diagnostics.has_errors()) std::fputs(diagnostics.render().c_str(), stderr);
    sql = "select (" + call.value().expression + ").label as label from " + facts;
  } else if (mode == "join") {
    engine.execute(
        "create table t (campaign varchar, channel varchar, low decimal(18,2), high "
        "decimal(18,2), label varchar)");
    std::string values;
    for (const Row& row : rows())
      values += (values.empty() ? "('" : ", ('") + row.campaign + "', '" + row.channel + "', " +
                row.low + ", " + row.high + ", '" + row.label + "')";
    engine.execute("insert into t values " + values);
    sql = "select t.label as label from " + facts +
          " f left join t on t.campaign = f.campaign and t.channel = f.channel and f.gift >= t.low "
          "and f.gift < t.high";
  } else {
    sql = "select " + (mode == "case" ? case_sql() : nested_sql()) + " as label from " + facts;
  }
  const Rows answer = engine.query(
      "select sum(cast(substr(label, 2) as bigint)), count(label) "
      "from (" +
      sql + ")");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%s %s %.3f s\n", answer.text(0, 0).c_str(), answer.text(0, 1).c_str(), took.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  if (std::strcmp(argv[1], "make") == 0) return make(argv[2], argv[3]);
  return run(argv[1], argv[2], std::atoi(argv[3]));
}
