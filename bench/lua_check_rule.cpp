// How fast is a five-condition check rule in Lua, in the loop and from Parquet to Parquet, against
// the same conditions as an SQL CASE? Modes:
//   lua_check_rule make ROWS FILE        rows with few distinct texts, the same for every call
//   lua_check_rule loop ROWS             the row loop alone, one thread, columns in memory
//   lua_check_rule loop_by_row ROWS      with texts that come from no dictionary
//   lua_check_rule loop_twenty ROWS      twenty rules of one condition each in one pass
//   lua_check_rule loop_literals ROWS    the same, with their literals written inside the functions
//   lua_check_rule interpreted ROWS      the fallback without the JIT
//   lua_check_rule rule IN OUT THREADS   the rule, rows that do not pass to OUT
//   lua_check_rule case IN OUT THREADS   the CASE, likewise
//   lua_check_rule rule_all, case_all    the same, with all rows and their verdicts to OUT
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "core/text.h"
#include "rules/rule_binder.h"
#include "rules/rule_runtime.h"
#include "rules/rule_set.h"

namespace {

using namespace tallymill;

const std::string kRule = R"(local t = require "tallymill"
return t.check_rule {
  name = "gift_is_sound",
  needs = { campaign = "text", channel = "text", city = "text", gift = "money",
            declared = "money", gift_date = "date", start_date = "date", end_date = "date" },
  params = { limit = t.money "500.00" },
  check = function(row, p)
    if row.gift > row.declared then
      return t.fail("CC04", "gift {gift} is over the declared {declared}", row)
    end
    if row.gift > p.limit then return t.fail("CC05", "gift {gift} is over the limit", row) end
    if row.gift_date < row.start_date or row.gift_date > row.end_date then
      return t.fail("CC03", "given on {gift_date}", row)
    end
    if row.channel == "unknown" then return t.fail("CC06", "channel {channel}", row) end
    if row.city == "Hangzhou" and row.campaign == "P07" then
      return t.fail("CC07", "{campaign} is not for {city}", row)
    end
  end,
}
)";

const std::string kCase = R"(case
  when gift > declared then 'CC04 gift ' || gift || ' is over the declared ' || declared
  when gift > 500.00 then 'CC05 gift ' || gift || ' is over the limit'
  when gift_date < start_date or gift_date > end_date then 'CC03 given on ' || gift_date
  when channel = 'unknown' then 'CC06 channel ' || channel
  when city = 'Hangzhou' and campaign = 'P07' then 'CC07 ' || campaign || ' is not for ' || city
end)";

/// Rules of one condition each, over the same columns; few rows do not pass.
std::vector<RuleSource> twenty_rules(bool has_literals_inside) {
  std::vector<RuleSource> rules;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "rule_" + std::to_string(i);
    const std::string limit = "t.money \"6" + std::to_string(70 + i) + ".00\"";
    const std::vector<std::string> conditions{
        "row.gift > " + (has_literals_inside ? limit : "limit"),
        has_literals_inside ? "row.gift_date < t.date \"2026-01-01\""
                            : "row.gift_date < row.start_date",
        "row.city == \"Hangzhou\" and row.campaign == \"P" + std::to_string(10 + i) + "\"",
        "row.channel == \"unknown\" and row.gift > row.declared"};
    rules.push_back({name, "rules/" + name + ".lua",
                     "local t = require \"tallymill\"\nlocal limit = " + limit +
                         "\nreturn t.check_rule {\n  name = \"" + name +
                         "\",\n  needs = { campaign = \"text\", channel = \"text\", city = "
                         "\"text\", gift = \"money\", declared = \"money\", gift_date = \"date\", "
                         "start_date = \"date\" },\n  check = function(row)\n    if " +
                         conditions[static_cast<std::size_t>(i) % conditions.size()] +
                         " then return t.fail(\"C" + std::to_string(i) +
                         "\", \"{gift}\", row) end\n  end,\n}\n"});
  }
  return rules;
}

/// About 2 % of the rows do not pass.
std::string rows_sql(const std::string& count) {
  return "select 'P' || lpad((n % 50)::varchar, 2, '0') as campaign, "
         "case n % 400 when 7 then 'unknown' else 'channel number ' || (n % 5) end as channel, "
         "case when n % 1000 = 7 then 'Hangzhou' else 'city' || (n % 11) end as city, "
         "((n * 7919) % 40000 / 100.0)::decimal(18,2) + case when n % 200 = 3 then 300 else 0 end "
         "as gift, 400.00::decimal(18,2) as declared, date '2026-01-01' + (n % 31)::int as "
         "gift_date, date '2026-01-01' as start_date, "
         "date '2026-01-31' - (case when n % 250 = 30 then 30 else 0 end) as end_date, "
         "n as id from range(" +
         count + ") as r(n)";
}

Schema schema() {
  Schema result;
  const auto add = [&](const char* name, const Type& type) {
    result.columns.push_back({.name = name, .type = type});
  };
  for (const char* name : {"campaign", "channel", "city"}) add(name, Type::text());
  for (const char* name : {"gift", "declared"}) add(name, Type::money(2));
  for (const char* name : {"gift_date", "start_date", "end_date"}) add(name, Type::date());
  return result;
}

EngineSettings settings(int threads) {
  EngineSettings result;
  result.threads = threads;
  result.readable = result.writable = {std::filesystem::current_path()};  // files lie there
  return result;
}

int make(const std::string& rows, const std::string& file) {
  Engine engine(settings(2));
  engine.execute("copy (" + rows_sql(rows) + ") to " +
                 quote_literal(std::filesystem::absolute(file).string()) + " (format parquet)");
  return 0;
}

int evaluate(const std::string& mode, const std::string& in, const std::string& out, int threads) {
  Engine engine(settings(threads));
  RuleRuntime rules(&engine, {}, 2);
  std::string verdict = kCase;
  if (mode.starts_with("rule")) {
    Diagnostics diagnostics;
    rules.load({"gift_is_sound", "rules/gift_is_sound.lua", kRule}, diagnostics);
    const auto call = rules.bind({"gift_is_sound"}, schema(), {}, {}, diagnostics);
    if (diagnostics.has_errors()) std::fputs(diagnostics.render().c_str(), stderr);
    verdict = "(" + call.value().expression + ").verdicts";
  }
  engine.execute("copy (select * from (select *, " + verdict + " as verdict from read_parquet(" +
                 quote_literal(std::filesystem::absolute(in).string()) + "))" +
                 (mode.ends_with("_all") ? "" : " where verdict is not null") + ") to " +
                 quote_literal(std::filesystem::absolute(out).string()) + " (format parquet)");
  return 0;
}

StringRef text_ref(const std::string& text) {
  StringRef ref{};
  ref.length = static_cast<std::uint32_t>(text.size());
  if (text.size() <= 12) {
    std::memcpy(ref.prefix, text.data(), text.size());
  } else {
    std::memcpy(ref.prefix, text.data(), 4);
    ref.pointer = text.data();
  }
  return ref;
}

/// The columns of one chunk, as DuckDB would hand them over.
struct Chunk {
  std::vector<StringRef> campaign, channel, city;
  std::vector<std::int64_t> gift, declared;
  std::vector<std::int32_t> gift_date, start_date, end_date;

  void add(std::size_t n, const std::vector<std::string>& texts) {
    campaign.push_back(text_ref(texts[n % 50]));
    channel.push_back(text_ref(n % 400 == 7 ? texts[66] : texts[50 + n % 5]));
    city.push_back(text_ref(n % 1000 == 7 ? texts[67] : texts[55 + n % 11]));
    gift.push_back(static_cast<std::int64_t>(n * 7919 % 40000 + (n % 200 == 3 ? 30000 : 0)));
    declared.push_back(40000);
    gift_date.push_back(static_cast<std::int32_t>(20454 + n % 31));
    start_date.push_back(20454);
    end_date.push_back(n % 250 == 30 ? 20454 : 20484);
  }
  ColumnView view(const std::string& name) const {
    if (name == "campaign") return {campaign.data()};
    if (name == "channel") return {channel.data()};
    if (name == "city") return {city.data()};
    if (name == "gift") return {gift.data()};
    if (name == "declared") return {declared.data()};
    if (name == "gift_date") return {gift_date.data()};
    return {name == "start_date" ? start_date.data() : end_date.data()};
  }
};

/// The arguments of the SQL function for one chunk; `numbers` holds those of texts.
std::vector<ColumnView> arguments_of(const RulePlan& plan, const Chunk& chunk,
                                     std::vector<std::vector<std::int64_t>>& numbers) {
  std::vector<ColumnView> result;
  numbers.resize(plan.columns.size());
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const PlanColumn& column = plan.columns[i];
    if (is_text(column.type)) {
      numbers[i].resize(kChunkRows);
      column.codes->encode(chunk.view(column.name), kChunkRows, numbers[i].data());
      result.push_back({numbers[i].data()});
    }
    result.push_back(chunk.view(column.name));
  }
  return result;
}

int loop(std::size_t rows, LuaMode mode, const std::string& variant) {
  const bool by_row = variant == "loop_by_row";
  const bool is_unique = variant.ends_with("unique");
  const bool has_literals_inside = variant == "loop_literals";
  LuaState loader(LuaMode::traced, 64LL << 20, 2);
  Diagnostics diagnostics;
  BindRequest request;
  for (const RuleSource& source :
       variant == "loop_twenty" || has_literals_inside
           ? twenty_rules(has_literals_inside)
           : std::vector<RuleSource>{{"gift_is_sound", "rules/gift_is_sound.lua", kRule}})
    request.rules.push_back(load_rule_file(loader, source, 2, 2000, diagnostics));
  if (diagnostics.has_errors()) std::fputs(diagnostics.render().c_str(), stderr);
  const Schema row = schema();
  const std::map<std::string, std::string> none;
  request.row = &row;
  request.params = &none;
  const auto plan = make_plan(request, diagnostics);
  RuleEvaluator evaluator(plan, mode, nullptr);

  std::vector<std::string> texts;
  for (int i = 0; i < 50; ++i) texts.push_back((i < 10 ? "P0" : "P") + std::to_string(i));
  for (int i = 0; i < 5; ++i) texts.push_back("channel number " + std::to_string(i));
  for (int i = 0; i < 11; ++i) texts.push_back("city" + std::to_string(i));
  texts.insert(texts.end(), {"unknown", "Hangzhou"});
  std::vector<Chunk> chunks(64);
  for (std::size_t n = 0; n < chunks.size() * kChunkRows; ++n) chunks[n / kChunkRows].add(n, texts);

  // Texts of which nearly every row has another one have no number, and travel as themselves.
  std::vector<std::string> own;
  own.reserve(chunks.size() * kChunkRows);
  for (std::size_t n = 0; is_unique && n < own.capacity(); ++n) {
    own.push_back("campaign number " + std::to_string(n * 7919));
    chunks[n / kChunkRows].campaign[n % kChunkRows] = text_ref(own.back());
  }

  // As from Parquet, texts are numbered once per dictionary, not once per row.
  std::vector<std::vector<std::vector<std::int64_t>>> numbers(chunks.size());
  std::vector<std::vector<ColumnView>> arguments;
  for (std::size_t i = 0; i < chunks.size(); ++i)
    arguments.push_back(arguments_of(*plan, chunks[i], numbers[i]));

  std::size_t findings = 0;
  const std::int64_t start = thread_cpu_ns();
  for (std::size_t done = 0; done < rows; done += kChunkRows) {
    const std::size_t chunk = done / kChunkRows % chunks.size();
    if (by_row) arguments[chunk] = arguments_of(*plan, chunks[chunk], numbers[chunk]);
    findings +=
        evaluator.evaluate(arguments[chunk], std::min(kChunkRows, rows - done)).findings.size();
  }
  const double ns = static_cast<double>(thread_cpu_ns() - start);
  std::printf("%zu rows, %zu findings, %.1f ns/row, %.1f Mrow/s\n", rows, findings,
              ns / static_cast<double>(rows), static_cast<double>(rows) / ns * 1e3);
  return 0;
}

}  // namespace

int main(int count, char** arguments) try {
  const std::string mode = count > 1 ? arguments[1] : "";
  if (mode == "make" && count == 4) return make(arguments[2], arguments[3]);
  const bool is_loop = mode == "loop" || mode == "loop_by_row" || mode == "loop_unique" ||
                       mode == "loop_twenty" || mode == "loop_literals" || mode == "interpreted" ||
                       mode == "interpreted_unique";
  if (is_loop && count == 3)
    return loop(std::strtoull(arguments[2], nullptr, 10),
                mode.starts_with("interpreted") ? LuaMode::interpreted : LuaMode::compiled, mode);
  const bool is_whole =
      mode == "rule" || mode == "case" || mode == "rule_all" || mode == "case_all";
  if (is_whole && count == 5)
    return evaluate(mode, arguments[2], arguments[3], std::atoi(arguments[4]));
  std::fputs(
      "usage: lua_check_rule make|loop|loop_by_row|loop_unique|loop_twenty|loop_literals|"
      "interpreted|rule|case|rule_all|case_all ...\n",
      stderr);
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
