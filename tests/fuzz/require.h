#pragma once

#include <cstdio>
#include <cstdlib>

/// Ends a fuzzer with the place of the broken law, so that libFuzzer keeps the input.
#define TALLYMILL_REQUIRE(law)                                               \
  do {                                                                       \
    if (!(law)) {                                                            \
      std::fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #law); \
      std::abort();                                                          \
    }                                                                        \
  } while (false)
