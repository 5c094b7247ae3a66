#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "tests/folders.h"

const char* const kSourceFolder = TALLYMILL_SOURCE_DIR;
const char* const kBuildFolder = TALLYMILL_BUILD_DIR;
