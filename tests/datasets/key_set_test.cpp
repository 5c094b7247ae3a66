#include "datasets/key_set.h"

#include <doctest/doctest.h>

#include "datasets/version_scan.h"

using namespace tallymill;

namespace {

Hash128 hash_of(int value) { return xxh3_128(std::to_string(value)); }

}  // namespace

TEST_CASE("key set: finds every repetition, also across threads' sets and of zero") {
  KeySet one(0, 1);
  KeySet other(0, 1);
  for (int i = 0; i < 20'000; ++i) (i % 2 == 0 ? one : other).add(hash_of(i));
  one.add({});
  CHECK(one.repeated().empty());
  other.add(hash_of(0));
  other.add({});
  other.add({});
  CHECK(other.repeated().size() == 1);
  one.merge(std::move(other));
  CHECK(one.repeated().size() == 3);
}

TEST_CASE("key set: its parts together are the whole") {
  std::size_t repeated = 0;
  for (std::uint64_t part = 0; part < 7; ++part) {
    KeySet set(part, 7);
    for (int i = 0; i < 1'000; ++i) set.add(hash_of(i % 900));
    repeated += set.repeated().size();
  }
  CHECK(repeated == 100);
}

TEST_CASE("key set: a duplicate is found in whichever pass it falls") {
  Engine engine({.threads = 2});
  Schema schema;
  schema.columns = {{.name = "k", .type = Type::integer()}};
  schema.key = {"k"};
  const ScanRules twenty_passes{.rows = 10'000, .key_memory = 10'000 * KeySet::kBytesPerRow / 20};
  const std::string rows = "select i as k from range(10000) r(i)";
  const auto repeated = [&](const std::string& select) {
    return scan_version(engine, "(" + select + ")", "d", schema, twenty_passes).repeated_keys;
  };
  CHECK(repeated(rows) == 0);
  for (const int twice : {1, 17, 4711, 9999}) {
    CAPTURE(twice);
    CHECK(repeated(rows + " union all select " + std::to_string(twice)) == 1);
  }
}
