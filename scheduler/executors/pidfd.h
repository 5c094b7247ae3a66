#pragma once

// glibc 2.36 declares these without C linkage; harmless where a later one does it itself.
extern "C" {
#include <sys/pidfd.h>
}
