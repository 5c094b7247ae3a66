#include "books/packing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "books/packing_prices.h"

using namespace tallymill;
using namespace tallymill::books;

namespace {

constexpr std::int64_t kPlenty = 10'000'000;

struct Sample {
  std::vector<Shape> shapes;
  std::vector<std::uint32_t> rows;

  explicit Sample(std::mt19937& random) {
    const std::size_t kinds = 3 + random() % 5;
    const std::uint32_t most = 1 + static_cast<std::uint32_t>(random() % 3);
    for (std::size_t i = 0; i < kinds; ++i)
      rows.push_back(1 + static_cast<std::uint32_t>(random() % most));
    for (std::size_t i = 0; i < 2 + random() % 8; ++i) {
      Shape shape{.uses = {}, .score = static_cast<Int128>(1 + random() % 9)};
      for (std::uint32_t kind = 0; kind < kinds; ++kind)
        if (random() % 3 == 0)
          shape.uses.push_back({kind, 1 + static_cast<std::uint32_t>(random() % most)});
      if (!shape.uses.empty()) shapes.push_back(std::move(shape));
    }
  }

  /// The best score of choices from `first` on that have, or have not, one shape.
  Int128 best(std::size_t first, std::vector<std::uint32_t> left, std::size_t with,
              bool has_it) const {
    if (first == shapes.size()) return has_it ? 0 : -1000;
    Int128 most = best(first + 1, left, with, has_it);
    for (std::int64_t score = 0;;) {
      for (const Use& use : shapes[first].uses)
        if (left[use.kind] < use.count) return most;
      for (const Use& use : shapes[first].uses) left[use.kind] -= use.count;
      score += static_cast<std::int64_t>(shapes[first].score);
      most = std::max(most, score + best(first + 1, left, with, has_it || first == with));
    }
  }
};

}  // namespace

TEST_CASE("packing: finds what trying all choices finds, with rows that are alike and without") {
  std::mt19937 random(1);
  for (int round = 0; round < 1500; ++round) {
    const Sample sample(random);
    Packing packing(sample.shapes, sample.rows);
    const Int128 most = sample.best(0, sample.rows, 0, true);
    std::int64_t fuel = kPlenty;
    CAPTURE(round);
    const auto found = packing.best(0, fuel);
    REQUIRE(found);
    REQUIRE(found->score == most);
    std::vector<std::uint32_t> left = sample.rows;
    Int128 score = 0;
    for (const std::uint32_t shape : found->taken) {
      score += sample.shapes[shape].score;
      for (const Use& use : sample.shapes[shape].uses) {
        REQUIRE(left[use.kind] >= use.count);
        left[use.kind] -= use.count;
      }
    }
    CHECK(score == most);
    CHECK_FALSE(packing.best(most + 1, fuel));
    const auto from_above = packing.best_down(0, fuel);
    REQUIRE(from_above);
    CHECK(from_above->score == most);
    packing.forget_below(most, fuel);
    for (std::uint32_t shape = 0; shape < sample.shapes.size(); ++shape) {
      const bool can_be = sample.best(0, sample.rows, shape, false) == most;
      CAPTURE(shape);
      CHECK((!packing.has_forgotten(shape) || !can_be));
      if (packing.has_forgotten(shape)) continue;
      CHECK(packing.reach_with(shape, most, fuel, {}).has_value() == can_be);
      const std::vector<Packed> hints{*found};
      CHECK(packing.reach_with(shape, most, fuel, hints).has_value() == can_be);
      Sample others = sample;
      others.shapes.erase(others.shapes.begin() + shape);
      CHECK(packing.reach_without(shape, most, fuel, hints).has_value() ==
            (others.best(0, sample.rows, 0, true) == most));
    }
    CHECK(fuel > 0);
  }
}

TEST_CASE("packing: a search that ends early knows nothing") {
  std::mt19937 random(4);
  std::vector<Shape> shapes;
  for (std::uint32_t i = 0; i < 300; ++i) {
    const auto a = static_cast<std::uint32_t>(random() % 30);
    const auto b = 30 + static_cast<std::uint32_t>(random() % 30);
    shapes.push_back({.uses = {{a, 1}, {b, 1}, {60 + i % 30, 1}}, .score = 1});
  }
  Packing packing(shapes, std::vector<std::uint32_t>(90, 1));
  std::int64_t fuel = 400;
  CHECK_FALSE(packing.best(0, fuel));
  CHECK(fuel < 0);
}

TEST_CASE("packing: prices of the relaxed choice are worth as much as its groups") {
  // Three pairs of three rows: half of each.
  PackingPrices triangle(std::vector<double>{1, 1, 1});
  for (const auto& [a, b] : {std::pair{0U, 1U}, {1U, 2U}, {0U, 2U}})
    triangle.add_shape(1, std::vector<PackingPrices::Entry>{{a, 1}, {b, 1}});
  std::int64_t fuel = 1000;
  triangle.solve(fuel);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(triangle.groups(i) == doctest::Approx(0.5));
    CHECK(triangle.price(i) == doctest::Approx(0.5));
  }
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const Sample sample(random);
    PackingPrices prices(std::vector<double>(sample.rows.begin(), sample.rows.end()));
    for (const Shape& shape : sample.shapes) {
      std::vector<PackingPrices::Entry> entries;
      for (const Use& use : shape.uses) entries.push_back({use.kind, double(use.count)});
      prices.add_shape(static_cast<double>(shape.score), entries);
    }
    fuel = 100'000;
    prices.solve(fuel);
    double worth = 0;
    double paid = 0;
    std::vector<double> taken(sample.rows.size());
    for (std::size_t shape = 0; shape < sample.shapes.size(); ++shape) {
      const auto score = static_cast<double>(sample.shapes[shape].score);
      worth += score * prices.groups(shape);
      double cost = 0;
      for (const Use& use : sample.shapes[shape].uses) {
        cost += prices.price(use.kind) * use.count;
        taken[use.kind] += prices.groups(shape) * use.count;
      }
      CHECK(cost >= doctest::Approx(score));
    }
    for (std::size_t kind = 0; kind < sample.rows.size(); ++kind) {
      paid += prices.price(kind) * sample.rows[kind];
      CHECK(taken[kind] <= doctest::Approx(sample.rows[kind]));
    }
    CHECK(worth == doctest::Approx(paid));
  }
}
