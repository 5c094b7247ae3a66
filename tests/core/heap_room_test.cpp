#include "core/heap_room.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace tallymill;

TEST_CASE("heap room: what is built with room, with too little or too much of it, outlives it") {
  constexpr std::size_t kPieces = 20'000;
  std::vector<std::unique_ptr<std::string>> pieces;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1} << 20, std::size_t{1} << 40}) {
    const HeapRoom room(bytes);
    for (std::size_t i = 0; i < kPieces; ++i)
      pieces.push_back(std::make_unique<std::string>(100, static_cast<char>('a' + i % 26)));
  }
  std::size_t sound = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (*pieces[i] == std::string(100, static_cast<char>('a' + i % kPieces % 26))) ++sound;
  CHECK(sound == pieces.size());
}
