#include "books/subset_matching.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <set>
#include <tuple>

#include "core/text.h"
#include "tests/lines.h"

using namespace tallymill;
using namespace tallymill::books;
using Kind = CascadeStage::Kind;

namespace {

using Indices = std::vector<std::uint32_t>;

CascadeStage subsets(std::size_t at_most = 5, std::int64_t fuel = 1'000'000) {
  return {.kind = Kind::subset_sum, .name = "subset", .at_most = at_most, .fuel = fuel};
}

CascadeBlock block_of(const std::vector<std::int64_t>& left,
                      const std::vector<std::int64_t>& right) {
  CascadeBlock block;
  for (const std::int64_t amount : left) block.left.push_back({.amount = amount});
  for (const std::int64_t amount : right) block.right.push_back({.amount = amount});
  return block;
}

/// "0=1,2 (3)": left rows, right rows, alternatives.
std::string text_of(const CascadeGroup& group) {
  const auto list = [](const Indices& rows) {
    Lines texts;
    for (const std::uint32_t each : rows) texts.push_back(std::to_string(each));
    return join(texts, ",");
  };
  return list(group.left) + "=" + list(group.right) + " (" + std::to_string(group.alternatives) +
         ")";
}
Lines texts_of(const std::vector<CascadeGroup>& groups) {
  Lines lines;
  for (const CascadeGroup& group : groups) lines.push_back(text_of(group));
  return lines;
}
Lines matches(const CascadeBlock& block, const CascadeStage& stage) {
  return texts_of(run_cascade(block, std::span(&stage, 1)).groups);
}

/// All groups, all choices of them: what the search stands for.
class BruteForce {
 public:
  BruteForce(const CascadeBlock& block, const CascadeStage& stage) : block_(block), stage_(stage) {
    for (const bool is_left : {true, false}) {
      const auto& targets = is_left ? block.left : block.right;
      for (std::uint32_t target = 0; target < targets.size(); ++target) add(is_left, target);
    }
    std::ranges::sort(groups_, {}, [&](const Group& group) {
      const Int128 amount = row(group.is_left, group.target).amount;
      return std::tuple(amount < 0 ? amount : -amount, !group.is_left, group.target,
                        group.members.size(), group.members);
    });
    taken_ = {std::vector<bool>(block.left.size()), std::vector<bool>(block.right.size())};
    is_there_.resize(groups_.size());
  }

  std::size_t groups() const { return groups_.size(); }

  Lines matches() {
    descend(0);
    // Again, now that the counts are known.
    is_second_ = true;
    descend(0);
    Lines lines;
    for (const std::size_t at : best_) {
      const Group& group = groups_[at];
      std::int64_t others = 0;
      for (std::size_t other = 0; other < groups_.size(); ++other)
        if (other != at && is_there_[other] && groups_[other].is_left == group.is_left &&
            groups_[other].target == group.target)
          ++others;
      if (can_be_none_[group.is_left ? 0 : 1].contains(group.target)) ++others;
      CascadeGroup shown{.left = {group.target},
                         .right = group.members,
                         .alternatives = std::min(others, std::int64_t{100})};
      if (!group.is_left) std::swap(shown.left, shown.right);
      lines.push_back(text_of(shown));
    }
    return lines;
  }

 private:
  struct Group {
    bool is_left;
    std::uint32_t target;
    Indices members;
    Int128 drift;
  };
  using Counts = std::array<int, 8>;

  const CascadeRow& row(bool is_left, std::uint32_t at) const {
    return is_left ? block_.left[at] : block_.right[at];
  }

  void add(bool is_left, std::uint32_t target) {
    const CascadeRow& of = row(is_left, target);
    const auto& others = is_left ? block_.right : block_.left;
    for (std::size_t set = 1; set < std::size_t{1} << others.size(); ++set) {
      Group group{is_left, target, {}, -of.amount};
      bool is_near = true;
      for (std::uint32_t at = 0; at < others.size(); ++at)
        if ((set >> at & 1U) != 0) {
          group.members.push_back(at);
          group.drift += others[at].amount;
          if (stage_.window)
            is_near = is_near && of.day && others[at].day &&
                      stage_.window->between(*of.day, *others[at].day) <= stage_.window->days;
        }
      if (group.drift < 0) group.drift = -group.drift;
      if (is_near && group.members.size() >= 2 && group.members.size() <= stage_.at_most &&
          group.drift <= stage_.tolerance.allowed(of.amount, of.amount))
        groups_.push_back(std::move(group));
    }
  }

  std::vector<std::vector<bool>::reference> rows_of(const Group& group) {
    std::vector<std::vector<bool>::reference> rows{taken_[group.is_left ? 0 : 1][group.target]};
    for (const std::uint32_t member : group.members)
      rows.push_back(taken_[group.is_left ? 1 : 0][member]);
    return rows;
  }

  void descend(std::size_t at) {
    if (at == groups_.size()) return judge();
    auto rows = rows_of(groups_[at]);
    if (std::ranges::none_of(rows, [](const auto& taken) { return bool{taken}; })) {
      for (auto& taken : rows) taken = true;
      chosen_.push_back(at);
      ++counts_[groups_[at].members.size()];
      drift_ += groups_[at].drift;
      descend(at + 1);
      drift_ -= groups_[at].drift;
      --counts_[groups_[at].members.size()];
      chosen_.pop_back();
      for (auto& taken : rows) taken = false;
    }
    descend(at + 1);
  }

  void judge() {
    if (!is_second_) {
      // The first one in order comes first.
      if (counts_ > best_counts_ || (counts_ == best_counts_ && drift_ < best_drift_)) {
        best_counts_ = counts_;
        best_drift_ = drift_;
        best_ = chosen_;
      }
      return;
    }
    if (counts_ != best_counts_) return;
    std::array<std::set<std::uint32_t>, 2> targets;
    for (const std::size_t at : chosen_) {
      is_there_[at] = true;
      targets[groups_[at].is_left ? 0 : 1].insert(groups_[at].target);
    }
    for (const Group& group : groups_) {
      const std::size_t side = group.is_left ? 0 : 1;
      if (!targets[side].contains(group.target)) can_be_none_[side].insert(group.target);
    }
  }

  const CascadeBlock& block_;
  const CascadeStage& stage_;
  std::vector<Group> groups_;
  std::array<std::vector<bool>, 2> taken_;
  std::vector<std::size_t> chosen_;
  Counts counts_{};
  Int128 drift_ = 0;
  bool is_second_ = false;
  Counts best_counts_{};
  Int128 best_drift_ = 0;
  std::vector<std::size_t> best_;
  std::vector<bool> is_there_;
  std::array<std::set<std::uint32_t>, 2> can_be_none_;
};

/// Few amounts: rows that are alike, groups that want the same rows.
struct RandomBlock {
  CascadeBlock block;
  CascadeStage stage;

  explicit RandomBlock(std::mt19937& random) : stage(subsets(2 + random() % 3)) {
    const auto amounts = static_cast<std::int64_t>(3 + random() % 20);
    const bool has_credits = random() % 3 == 0;
    const bool has_days = random() % 3 == 0;
    const auto fill = [&](std::vector<CascadeRow>& rows, std::size_t count, std::int64_t scale) {
      for (std::size_t i = 0; i < count; ++i) {
        CascadeRow row{.amount = scale * (1 + static_cast<std::int64_t>(random()) % amounts)};
        if (has_credits && random() % 4 == 0) row.amount = -row.amount;
        if (has_days) row.day = static_cast<std::int32_t>(random() % 5);
        rows.push_back(row);
      }
    };
    fill(block.left, 2 + random() % 5, 1 + static_cast<std::int64_t>(random() % 2));
    fill(block.right, 2 + random() % 6, 1);
    stage.tolerance.abs = static_cast<Int128>(random() % 3);
    if (has_days) stage.window = DayWindow{.days = 2};
  }
};

}  // namespace

TEST_CASE("subset matching: the best of all choices, and what else might be") {
  std::mt19937 random(7);
  std::size_t checked = 0;
  std::size_t groups = 0;
  std::size_t certain = 0;
  for (int round = 0; round < 1200; ++round) {
    const RandomBlock sample(random);
    BruteForce all(sample.block, sample.stage);
    if (all.groups() < 2 || all.groups() > 24) continue;
    CAPTURE(round);
    const Lines expected = all.matches();
    REQUIRE(matches(sample.block, sample.stage) == expected);
    ++checked;
    groups += expected.size();
    certain += static_cast<std::size_t>(std::ranges::count_if(
        expected, [](const std::string& line) { return line.ends_with("(0)"); }));
  }
  CHECK(checked > 500);
  CHECK(certain > 100);
  CHECK(groups - certain > 500);
}

TEST_CASE("subset matching: one large row gives way to two others") {
  // 10 = 4 + 6 would leave 8 = 6 + 2 and 7 = 4 + 3 without.
  CHECK(matches(block_of({10, 7, 8}, {4, 6, 3, 2}), subsets()) == Lines{"2=1,3 (0)", "1=0,2 (0)"});
}

TEST_CASE("subset matching: rows of a large sum by chance stay with the small sums they are") {
  // 100 = 31 + 32 + 37 takes a row of each of three pairs.
  const CascadeBlock block = block_of({100, 40, 44, 50}, {31, 9, 32, 12, 37, 13});
  CHECK(matches(block, subsets()) == Lines{"3=4,5 (0)", "2=2,3 (0)", "1=0,1 (0)"});
}

TEST_CASE("subset matching: a row is a target or adds up, whichever makes more groups") {
  // 9 = 4 + 5, or one of 5 = 2 + 3 and 4 = 1 + 3, which share a row; with another 3 both can be.
  CHECK(matches(block_of({9, 2, 3, 1}, {4, 5}), subsets()) == Lines{"0=0,1 (1)"});
  CHECK(matches(block_of({9, 2, 3, 1, 3}, {4, 5}), subsets()) == Lines{"1,2=1 (1)", "3,4=0 (1)"});
}

TEST_CASE("subset matching: of as many groups the nearest sums, then the first rows") {
  CascadeStage near = subsets();
  near.tolerance.abs = 2;
  CHECK(matches(block_of({100, 50}, {60, 41, 40, 30, 20}), near) ==
        Lines{"0=0,2 (1)", "1=3,4 (0)"});
  CHECK(matches(block_of({10}, {4, 7, 6, 3}), subsets()) == Lines{"0=0,2 (1)"});
}

TEST_CASE("subset matching: rows that are alike are one, however many ways there are") {
  std::vector<std::int64_t> fees(60, 10);
  CHECK(matches(block_of({50, 30, 30, 30}, fees), subsets(5, 1000)) ==
        Lines{"0=0,1,2,3,4 (100)", "1=5,6,7 (100)", "2=8,9,10 (100)", "3=11,12,13 (100)"});
}

TEST_CASE("subset matching: what is certain is in every order of the rows") {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    const RandomBlock sample(random);
    const auto found_in = [&](const CascadeBlock& block, const Indices& left,
                              const Indices& right) {
      std::vector<std::size_t> sizes;
      Int128 drift = 0;
      Lines certain;
      for (CascadeGroup& group : run_cascade(block, std::span(&sample.stage, 1)).groups) {
        Int128 difference = 0;
        for (const std::uint32_t row : group.left) difference += block.left[row].amount;
        for (const std::uint32_t row : group.right) difference -= block.right[row].amount;
        drift += difference < 0 ? -difference : difference;
        sizes.push_back(group.left.size() + group.right.size());
        for (std::uint32_t& row : group.left) row = left[row];
        for (std::uint32_t& row : group.right) row = right[row];
        std::ranges::sort(group.left);
        std::ranges::sort(group.right);
        if (group.alternatives == 0) certain.push_back(text_of(group));
      }
      std::ranges::sort(sizes);
      std::ranges::sort(certain);
      return std::tuple(sizes, drift, certain);
    };
    const auto shuffled = [&](const std::vector<CascadeRow>& rows, Indices& from) {
      from.resize(rows.size());
      std::iota(from.begin(), from.end(), 0U);
      std::ranges::shuffle(from, random);
      std::vector<CascadeRow> result;
      for (const std::uint32_t row : from) result.push_back(rows[row]);
      return result;
    };
    Indices left(sample.block.left.size());
    Indices right(sample.block.right.size());
    std::iota(left.begin(), left.end(), 0U);
    std::iota(right.begin(), right.end(), 0U);
    const auto expected = found_in(sample.block, left, right);
    for (int order = 0; order < 5; ++order) {
      CascadeBlock block{shuffled(sample.block.left, left), {}};
      block.right = shuffled(sample.block.right, right);
      CAPTURE(round);
      REQUIRE(found_in(block, left, right) == expected);
    }
  }
}

TEST_CASE("subset matching: two rows match though five could not be searched through") {
  CascadeBlock block = block_of({16'001, 90'010}, {});
  for (int i = 0; i < 60; ++i) block.right.push_back({.amount = 2 * (1000 + i * i)});
  block.right.push_back({.amount = 90'000});
  block.right.push_back({.amount = 10});
  const CascadeStage stage = subsets(8, 20'000);
  const CascadeResult result = run_cascade(block, std::span(&stage, 1));
  CHECK(texts_of(result.groups) == Lines{"1=60,61 (0)"});
  CHECK(result.left_cut_off == std::vector<bool>{true, false});
}

TEST_CASE(
    "subset matching: where a size is not searched through it is as if it was not asked for") {
  // Any row on the right may be among four that are 16001, so none are matched to be 556.
  CascadeBlock block = block_of({16'001, 556, 20'000}, {110, 112, 114, 220, 9'000, 5'500, 5'500});
  for (int i = 0; i < 60; ++i) block.right.push_back({.amount = 2 * (1000 + i * i)});
  const CascadeStage stage = subsets(4, 3'000);
  const CascadeResult result = run_cascade(block, std::span(&stage, 1));
  CHECK(texts_of(result.groups) == Lines{"2=4,5,6 (0)"});
  CHECK(matches(block, subsets(3)) == Lines{"2=4,5,6 (0)"});
  CHECK(result.left_cut_off == std::vector<bool>{true, true, false});
  CHECK(matches(block, subsets(4)) == Lines{"2=4,5,6 (0)", "1=0,1,2,3 (0)"});
}

TEST_CASE("subset matching: with less fuel what is certain stays certain") {
  std::mt19937 random(5);
  std::size_t certain = 0;
  std::size_t cut_off = 0;
  for (int round = 0; round < 150; ++round) {
    RandomBlock sample(random);
    for (int i = 0; i < 8; ++i) {
      sample.block.left.push_back({.amount = static_cast<Int128>(20 + random() % 40), .day = 2});
      sample.block.right.push_back({.amount = static_cast<Int128>(1 + random() % 30), .day = 2});
    }
    const Lines whole = matches(sample.block, sample.stage);
    for (const std::int64_t fuel : {3, 10, 30, 100, 300, 1000, 3000, 10'000}) {
      sample.stage.fuel = fuel;
      const CascadeResult result = run_cascade(sample.block, std::span(&sample.stage, 1));
      for (const std::string& line : texts_of(result.groups)) {
        if (!line.ends_with("(0)")) continue;
        CAPTURE(round);
        CAPTURE(fuel);
        CAPTURE(line);
        REQUIRE(std::ranges::find(whole, line) != whole.end());
        ++certain;
      }
      cut_off += static_cast<std::size_t>(std::ranges::count(result.left_cut_off, true));
    }
  }
  CHECK(certain > 150);
  CHECK(cut_off > 1000);
}

TEST_CASE("subset matching: rows far apart in days have nothing to do with each other") {
  CascadeStage stage = subsets();
  stage.window = DayWindow{.days = 3};
  CascadeBlock block = block_of({10, 10, 10}, {4, 6, 4, 6, 5, 5});
  const std::vector<std::optional<std::int32_t>> days{1, 20, {}};
  for (std::size_t i = 0; i < 3; ++i) block.left[i].day = days[i];
  for (std::size_t i = 0; i < 6; ++i) block.right[i].day = days[i / 2];
  CHECK(matches(block, stage) == Lines{"0=0,1 (0)", "1=2,3 (0)"});
}
