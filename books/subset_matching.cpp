#include "books/subset_matching.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <utility>

#include "books/subset_part.h"
#include "books/subset_sum.h"

namespace tallymill::books {
namespace {

using Indices = std::vector<std::uint32_t>;

/// Groups of a bucket that are kept at a time, some hundred bytes each.
constexpr std::size_t kMostGroups = 500'000;

/// Of the fuel this part goes into a search whose finds are lost.
constexpr std::int64_t kShareOfLost = 100;

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

/// A part at one size, and those of the size before that it was made of.
struct Part {
  std::unique_ptr<SubsetPart> groups;
  std::vector<Part> made_of = {};
};

class SubsetMatching {
 public:
  SubsetMatching(const CascadeBlock& block, const CascadeStage& stage,
                 std::span<const std::uint32_t> left, std::span<const std::uint32_t> right)
      : block_(block), stage_(stage) {
    add_kinds(true, left);
    add_kinds(false, right);
    parent_.resize(kinds_.size());
    std::iota(parent_.begin(), parent_.end(), 0U);
    is_closed_.resize(kinds_.size());
    is_used_up_.resize(kinds_.size());
    was_cut_off_.resize(kinds_.size());
    fuel_.assign(kinds_.size(), stage.fuel);
    near_rows_.assign(kinds_.size(), left.size() + right.size());
  }

  SubsetMatches run() {
    for (std::uint32_t size = 2; size <= stage_.at_most; ++size) {
      if (!search(size)) break;
      join_parts();
    }
    for (auto& [root, parts] : live_)
      for (Part& part : parts) settle(part);
    for (std::uint32_t kind = 0; kind < kinds_.size(); ++kind)
      if (was_cut_off_[kind]) {
        Indices& rows = kinds_[kind].is_left ? result_.left_cut_off : result_.right_cut_off;
        rows.insert(rows.end(), kinds_[kind].rows.begin(), kinds_[kind].rows.end());
      }
    sort_groups();
    return std::move(result_);
  }

 private:
  const CascadeRow& row(bool is_left, std::uint32_t row) const {
    return is_left ? block_.left[row] : block_.right[row];
  }

  /// Kinds of a side stand together, in order of amounts.
  void add_kinds(bool is_left, std::span<const std::uint32_t> rows) {
    Indices sorted;
    // A row without a day is near none.
    std::ranges::copy_if(rows, std::back_inserter(sorted), [&](std::uint32_t each) {
      return !stage_.window || row(is_left, each).day;
    });
    const auto key = [&](std::uint32_t each) {
      const CascadeRow& of = row(is_left, each);
      return std::pair(of.amount, stage_.window ? of.day : std::nullopt);
    };
    std::ranges::stable_sort(sorted, {}, key);
    const std::size_t first = kinds_.size();
    for (const std::uint32_t each : sorted) {
      const auto [amount, day] = key(each);
      if (kinds_.size() == first || kinds_.back().amount != amount || kinds_.back().day != day)
        kinds_.push_back({.is_left = is_left, .amount = amount, .day = day});
      kinds_.back().rows.push_back(each);
    }
    if (is_left) first_right_ = static_cast<std::uint32_t>(kinds_.size());
  }

  bool are_near(const RowKind& a, const RowKind& b) const {
    return !stage_.window || stage_.window->between(*a.day, *b.day) <= stage_.window->days;
  }

  std::uint32_t root(std::uint32_t kind) {
    while (parent_[kind] != kind) kind = parent_[kind] = parent_[parent_[kind]];
    return kind;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    if (a == b) return;
    if (a > b) std::swap(a, b);
    parent_[b] = a;
    if (is_closed_[b]) is_closed_[a] = true;
    auto moved = live_.extract(b);
    if (moved.empty()) return;
    std::ranges::move(moved.mapped(), std::back_inserter(live_[a]));
  }

  /// Finds the groups of one size. False where no target has so many rows to look at.
  bool search(std::uint32_t size) {
    size_ = size;
    fresh_ = groups_.size();
    has_near_ = false;
    bool has_looked = false;
    for (target_ = 0; target_ < kinds_.size(); ++target_) {
      if (is_used_up_[target_] || fuel_[target_] < 0 || near_rows_[target_] < size) continue;
      find_near();
      if (near_rows_[target_] < size) continue;
      has_looked = true;
      if (is_undecidable()) fuel_[target_] = std::min(fuel_[target_], stage_.fuel / kShareOfLost);
      search_for_target();
      if (groups_.size() > kMostGroups) {
        give_up();
        return true;
      }
    }
    for (std::size_t at = fresh_; at < groups_.size(); ++at)
      for (const Use& use : groups_[at].members) join(groups_[at].target, use.kind);
    return has_looked;
  }

  /// Rows of the other side that target_ may take. Without days they are the same for all.
  void find_near() {
    const bool is_left = kinds_[target_].is_left;
    const bool is_same = has_near_ && !stage_.window && near_of_left_ == is_left;
    if (!is_same) near_.clear();
    const std::uint32_t end = is_left ? static_cast<std::uint32_t>(kinds_.size()) : first_right_;
    for (std::uint32_t kind = is_left ? first_right_ : 0; kind < end && !is_same; ++kind)
      if (!is_used_up_[kind] && are_near(kinds_[target_], kinds_[kind]))
        near_.push_back({.amount = kinds_[kind].amount,
                         .rows = static_cast<std::uint32_t>(kinds_[kind].rows.size()),
                         .kind = kind});
    has_near_ = true;
    near_of_left_ = is_left;
    near_rows_[target_] = 0;
    for (const AlikeRows& near : near_) near_rows_[target_] += near.rows;
  }

  /// Whether no group of target_ can be decided, and none can close what could be: it is only asked
  /// whether there are any, to say that its rows were cut off.
  bool is_undecidable() {
    const std::uint32_t top = root(target_);
    if (!is_closed_[top] && live_.contains(top)) return false;
    return std::ranges::all_of(
        near_, [&](const AlikeRows& near) { return bool{is_closed_[root(near.kind)]}; });
  }

  void search_for_target() {
    const Int128 amount = kinds_[target_].amount;
    const std::size_t before = groups_.size();
    const bool is_whole =
        sums_.each(near_, amount, stage_.tolerance.allowed(amount, amount), size_, fuel_[target_],
                   [this](std::span<const Use> members, Int128 sum) { keep_group(members, sum); });
    if (is_whole) return;
    // What was found may be some of many, and any row that is near may be in the others.
    groups_.resize(before);
    was_cut_off_[target_] = true;
    for (const AlikeRows& near : near_) join(target_, near.kind);
    is_closed_[root(target_)] = true;
  }

  void keep_group(std::span<const Use> members, Int128 sum) {
    if (groups_.size() > kMostGroups) return;
    groups_.push_back({.target = target_,
                       .size = size_,
                       .drift = magnitude(sum - kinds_[target_].amount),
                       .members = {members.begin(), members.end()}});
  }

  /// There are more groups than can be kept: no row is decided by this size.
  void give_up() {
    groups_.resize(fresh_);
    for (std::uint32_t kind = 0; kind < kinds_.size(); ++kind)
      if (!is_used_up_[kind]) {
        is_closed_[root(kind)] = true;
        was_cut_off_[kind] = true;
        fuel_[kind] = -1;
      }
  }

  /// Parts that groups of this size put together become one; those of closed ones are settled.
  void join_parts() {
    std::map<std::uint32_t, Indices> fresh;
    for (std::size_t at = fresh_; at < groups_.size(); ++at)
      fresh[root(groups_[at].target)].push_back(static_cast<std::uint32_t>(at));
    for (auto& [top, groups] : fresh)
      if (!is_closed_[top] && !settle_single(top, groups) && !merge(top, groups))
        is_closed_[top] = true;
    for (auto& [top, groups] : fresh)
      if (is_closed_[top]) cut_off(groups);
    for (auto at = live_.begin(); at != live_.end();) {
      if (!is_closed_[at->first]) {
        ++at;
        continue;
      }
      for (Part& part : at->second) settle(part);
      at = live_.erase(at);
    }
  }

  /// A group of its own rows has nothing to do with any other one, now or later.
  bool settle_single(std::uint32_t top, const Indices& fresh) {
    const SubsetGroup& group = groups_[fresh[0]];
    const auto is_single = [&](std::uint32_t kind) { return kinds_[kind].rows.size() == 1; };
    if (fresh.size() > 1 || live_.contains(top) || !is_single(group.target) ||
        !std::ranges::all_of(group.members, is_single, &Use::kind))
      return false;
    is_used_up_[group.target] = true;
    ChosenGroup chosen{.target = kinds_[group.target].rows[0]};
    for (const Use& use : group.members) {
      is_used_up_[use.kind] = true;
      chosen.members.push_back(kinds_[use.kind].rows[0]);
    }
    std::ranges::sort(chosen.members);
    take(kinds_[group.target], std::move(chosen));
    return true;
  }

  bool merge(std::uint32_t top, const Indices& fresh) {
    std::vector<Part>& parts = live_[top];
    Indices members;
    SubsetPart::Counts counts;
    for (const Part& part : parts) {
      const Indices groups = part.groups->groups();
      members.insert(members.end(), groups.begin(), groups.end());
      for (const auto& [of_size, count] : part.groups->counts()) counts[of_size] += count;
    }
    members.insert(members.end(), fresh.begin(), fresh.end());
    auto whole = std::make_unique<SubsetPart>(kinds_, groups_, std::move(members));
    if (!whole->count(counts, stage_.fuel)) return false;
    for (const std::uint32_t kind : whole->used_up(stage_.fuel)) is_used_up_[kind] = true;
    std::vector<Part> now;
    now.push_back({.groups = std::move(whole), .made_of = std::move(parts)});
    parts = std::move(now);
    return true;
  }

  void cut_off(const Indices& groups) {
    for (const std::uint32_t group : groups) {
      was_cut_off_[groups_[group].target] = true;
      for (const Use& use : groups_[group].members) was_cut_off_[use.kind] = true;
    }
  }

  void settle(Part& part) {
    auto chosen = part.groups->choose(stage_.fuel);
    if (!chosen) {
      cut_off(part.groups->groups());
      for (Part& smaller : part.made_of) settle(smaller);
      return;
    }
    for (ChosenGroup& each : *chosen) {
      const RowKind& target = kinds_[part.groups->group(each.shape).target];
      take(target, std::move(each));
    }
  }

  void take(const RowKind& target, ChosenGroup chosen) {
    CascadeGroup group{.left = {chosen.target},
                       .right = std::move(chosen.members),
                       .allowed = stage_.tolerance.allowed(target.amount, target.amount),
                       .alternatives = chosen.alternatives};
    if (!target.is_left) std::swap(group.left, group.right);
    result_.groups.push_back(std::move(group));
  }

  void sort_groups() {
    std::ranges::sort(result_.groups, {}, [&](const CascadeGroup& group) {
      const bool is_left = group.left.size() == 1;
      const std::uint32_t target = is_left ? group.left[0] : group.right[0];
      return TargetOrder(row(is_left, target).amount, is_left, target);
    });
  }

  const CascadeBlock& block_;
  const CascadeStage& stage_;
  std::vector<RowKind> kinds_;
  std::uint32_t first_right_ = 0;
  std::vector<SubsetGroup> groups_;
  std::size_t fresh_ = 0;  ///< groups before are those of smaller sizes
  Indices parent_;
  std::vector<bool> is_closed_;     ///< by root: undecided at this size
  std::vector<bool> is_used_up_;    ///< by kind: smaller groups take all its rows for certain
  std::vector<bool> was_cut_off_;   ///< by kind
  std::vector<std::int64_t> fuel_;  ///< by kind, as a target
  std::map<std::uint32_t, std::vector<Part>> live_;  ///< by root
  std::uint32_t size_ = 0;                           ///< that is searched for
  std::uint32_t target_ = 0;                         ///< kind
  SubsetSum sums_;
  std::vector<AlikeRows> near_;
  bool has_near_ = false;
  bool near_of_left_ = false;
  std::vector<std::size_t> near_rows_;  ///< by kind, as a target; at most
  SubsetMatches result_;
};

}  // namespace

SubsetMatches match_subsets(const CascadeBlock& block, const CascadeStage& stage,
                            std::span<const std::uint32_t> left,
                            std::span<const std::uint32_t> right) {
  if (left.size() < 2 && right.size() < 2) return {};
  return SubsetMatching(block, stage, left, right).run();
}

}  // namespace tallymill::books
