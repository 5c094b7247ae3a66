#include "core/shared_library.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

TEST_CASE("shared library: one that is nowhere is told with all places") {
  try {
    open_shared_library("libnothing.so", "/nowhere/libnothing.so");
    FAIL("opened");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::config);
    const std::string text = error.message();
    CHECK(text.find("cannot open libnothing.so; looked at ") == 0);
    CHECK(text.find("/lib/libnothing.so (not there), ") != std::string::npos);
    CHECK(text.find("/nowhere/libnothing.so (not there); run ./dev build") != std::string::npos);
  }
}

TEST_CASE("shared library: a function that is not there names both") {
  void* library = open_shared_library("libtallymill-zones.so", "");
  CHECK(function_of(library, "libtallymill-zones.so", "tallymill_zone_module") != nullptr);
  try {
    function_of(library, "libtallymill-zones.so", "no_such_thing");
    FAIL("found");
  } catch (const Error& error) {
    CHECK(error.message() ==
          "libtallymill-zones.so has no function no_such_thing; it must be of the release that the "
          "program is of");
  }
}
