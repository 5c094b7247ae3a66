#include "core/text_order.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

using namespace tallymill;

TEST_CASE("text order: by bytes, however long what two texts share is; equal ones by number") {
  using namespace std::string_view_literals;
  const std::vector<std::string_view> texts{
      "n10", "n9",     "a longer name",   "n1", "", "a longer nam", "\xC3\xA4",
      "n1",  "n1\0"sv, "a longer name b", "",   "z"};
  CHECK(text_order(texts) == std::vector<std::uint32_t>{4, 10, 5, 2, 9, 3, 7, 8, 0, 1, 11, 6});
  CHECK(text_order({}).empty());
}

TEST_CASE("text order: the same as a stable sort of the texts themselves") {
  std::mt19937 random(7);
  std::vector<std::string> words;
  for (int i = 0; i < 3000; ++i) {
    std::string word(random() % 12, 'x');
    for (char& c : word)
      c = static_cast<char>(random() % 4 == 0 ? random() % 256 : 'a' + random() % 2);
    words.push_back(std::move(word));
  }
  const std::vector<std::string_view> texts(words.begin(), words.end());
  std::vector<std::uint32_t> expected(texts.size());
  std::iota(expected.begin(), expected.end(), 0U);
  std::stable_sort(expected.begin(), expected.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return texts[a] < texts[b]; });
  CHECK(text_order(texts) == expected);
}
