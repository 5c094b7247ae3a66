#include "core/heap_room.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace tallymill {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
// What the C library begins with (mallopt(3)).
constexpr int kUsualPad = 128 << 10;
constexpr int kUsualMappings = 65536;

void take_from_one_stretch(std::size_t pad) {
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TOP_PAD, static_cast<int>(pad));
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

void take_as_usual() {
  ::mallopt(M_MMAP_MAX, kUsualMappings);
  ::mallopt(M_TOP_PAD, kUsualPad);
  ::mallopt(M_TRIM_THRESHOLD, kUsualPad);
}

}  // namespace

HeapRoom::HeapRoom(std::size_t bytes) {
  const std::size_t room =
      std::min<std::size_t>(bytes, std::numeric_limits<int>::max() / 2) / kLargePage * kLargePage;
  take_from_one_stretch(room);
  // Larger than what is free at the end of the heap, so that it grows.
  char* const block = static_cast<char*>(std::malloc(kLargePage));
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  const std::size_t to_first = (kLargePage - begin % kLargePage) % kLargePage;
  // Elsewhere (another allocator, a sanitizer's) it is not ours to speak about.
  if (block != nullptr && begin + to_first < end && end - begin <= room + 2 * kLargePage)
    (void)::madvise(block + to_first, end - begin - to_first, MADV_HUGEPAGE);
  std::free(block);
}

HeapRoom::~HeapRoom() { take_as_usual(); }

}  // namespace tallymill
