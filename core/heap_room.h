#pragma once

#include <cstddef>

namespace tallymill {

/// While it lives, what is asked of the heap comes from one stretch of `bytes` that the kernel may
/// fill with large pages. Something big that is built of many small pieces then costs some hundred
/// page faults instead of one for every 4 KiB, and its pieces are found with fewer look-ups of
/// addresses. Room that is not needed is never filled. A hint: without support for it nothing
/// changes, and what is built may live longer. One at a time, on the thread that builds.
class HeapRoom {
 public:
  explicit HeapRoom(std::size_t bytes);
  ~HeapRoom();
  HeapRoom(const HeapRoom&) = delete;
  HeapRoom& operator=(const HeapRoom&) = delete;
};

}  // namespace tallymill
