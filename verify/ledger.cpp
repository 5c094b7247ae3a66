#include "verify/ledger.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "core/text.h"

namespace tallymill::verify {
namespace {

const std::string kBooks = "the books close";
const std::string kClasses = "every class of the books is what its dataset holds";

struct Side {
  std::int64_t rows = 0;
  std::map<std::string, std::vector<std::string>> amounts = {};  ///< texts, by column
};

/// A decimal text of any scale in units of 10^-scale.
std::optional<Int128> units_of(std::string_view text, int scale) {
  const auto parsed = parse_decimal(text, 38, scale, true);
  return parsed ? std::optional(parsed.value) : std::nullopt;
}

int scale_of(std::string_view text) {
  const std::size_t point = text.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

class LedgerCheck {
 public:
  LedgerCheck(const RecordedJob& job, const std::map<std::string, Content>& contents, Proof& proof)
      : job_(job), contents_(contents), proof_(proof) {}

  void check() {
    // A transform's books may be about amounts alone.
    for (const char* direction : {"in", "out"})
      for (const json::value& entry : job_.ledger.at(direction).as_array())
        counts_rows_ = counts_rows_ || json_integer(entry.as_object(), "rows") != 0;
    const Side in = side("in");
    const Side out = side("out");
    proof_.looked_at(kBooks, 1);
    if (in.rows != out.rows)
      fail(kBooks, std::to_string(in.rows) + " rows in", std::to_string(out.rows) + " rows out");
    for (const auto& [column, texts] : in.amounts) {
      const auto other = out.amounts.find(column);
      const auto [left, right] =
          sums(texts, other == out.amounts.end() ? std::vector<std::string>() : other->second);
      if (left != right) fail(kBooks, column + " " + left + " in", column + " " + right + " out");
    }
  }

 private:
  void fail(const std::string& identity, std::string expected, std::string found) {
    proof_.fails({.dataset = job_.job,
                  .identity = identity,
                  .expected = std::move(expected),
                  .found = std::move(found)});
  }

  /// Both lists added up, as texts of the same scale.
  static std::pair<std::string, std::string> sums(const std::vector<std::string>& left,
                                                  const std::vector<std::string>& right) {
    int scale = 0;
    for (const auto* list : {&left, &right})
      for (const std::string& text : *list) scale = std::max(scale, scale_of(text));
    const auto add = [&](const std::vector<std::string>& texts) {
      Int128 sum = 0;
      for (const std::string& text : texts) {
        const auto units = units_of(text, scale);
        if (!units) return text;
        sum += *units;
      }
      return format_decimal(sum, scale);
    };
    return {add(left), add(right)};
  }

  /// The dataset that a class counts; empty where a class is no dataset (passed, matched, ...).
  std::string dataset_of(const std::string& entry, const std::string& direction) const {
    if (contents_.contains(entry)) return entry;
    std::string evidence = job_.job + "." + (entry == "rejected" ? "rejects" : entry);
    if (contents_.contains(evidence)) return evidence;
    if (direction == "out") return entry == "out" || entry == "allocated" ? into() : std::string();
    if (entry != "in" && entry != "dataset") return {};
    for (const char* key : {"of", "from", "pool"})
      if (std::string input = input_under(key); !input.empty()) return input;
    return job_.inputs.size() == 1 ? job_.inputs.begin()->first : std::string();
  }

  std::string into() const {
    return job_.options.has("into") ? job_.options.text("into") : std::string();
  }

  /// `from: users`, or `from: { dataset: users, as: earlier, ... }`.
  std::string input_under(const char* key) const {
    if (!job_.options.has(key)) return {};
    const YamlNode node = job_.options.node(key);
    if (node.is_scalar()) return std::string(node.text());
    if (node.find("dataset")) return input_name(Options(node));
    return {};
  }

  /// Where rows are pools or plans, those of results are parts of them.
  bool counts_pools(const std::string& entry) const {
    static const std::set<std::string> kKinds{"allocate", "carve_out", "instalments", "reciprocal"};
    if (!kKinds.contains(job_.type)) return false;
    const bool is_summed =
        job_.type == "allocate" && job_.options.object("pool").has("sum_by") && entry == "in";
    return is_summed || (entry != "in" && entry != "parked");
  }

  void recount(const json::object& entry, const std::string& direction) {
    const std::string name = json_text(entry, "name");
    const auto found = contents_.find(dataset_of(name, direction));
    if (found == contents_.end()) return;
    proof_.looked_at(kClasses, 1);
    const Content& content = found->second;
    if (counts_rows_ && !counts_pools(name) && content.rows != json_integer(entry, "rows"))
      fail(kClasses, name + ": " + std::to_string(json_integer(entry, "rows")) + " rows",
           std::to_string(content.rows) + " rows in " + found->first);
    for (const auto& [column, amount] : entry.at("amounts").as_object()) {
      const auto sum = content.sums.find(std::string(column));
      if (sum == content.sums.end() || !amount.is_string()) continue;
      const std::string held = format_decimal(sum->second.units, sum->second.scale);
      const std::string told(amount.as_string());
      const auto [left, right] = sums({told}, {held});
      if (left != right)
        fail(kClasses, name + ": " + std::string(column) + " " + told,
             std::string(column) + " " + held + " in " + found->first);
    }
  }

  Side side(const std::string& direction) {
    Side side;
    for (const json::value& value : job_.ledger.at(direction).as_array()) {
      const json::object& entry = value.as_object();
      side.rows += json_integer(entry, "rows");
      for (const auto& [column, amount] : entry.at("amounts").as_object())
        side.amounts[std::string(column)].emplace_back(amount.as_string());
      recount(entry, direction);
    }
    return side;
  }

  const RecordedJob& job_;
  const std::map<std::string, Content>& contents_;
  Proof& proof_;
  bool counts_rows_ = false;
};

}  // namespace

void check_ledger(const RecordedJob& job, const std::map<std::string, Content>& contents,
                  Proof& proof) {
  if (!job.ledger.contains("in") || !job.ledger.contains("out"))
    return proof.leaves_out("the books: none are on record");
  LedgerCheck(job, contents, proof).check();
}

}  // namespace tallymill::verify
