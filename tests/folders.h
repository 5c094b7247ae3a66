#pragma once

/// Where this checkout and its build tree lie. Known to one file of a test program (main.cpp), not
/// to every compiler call: what was compiled in one checkout serves all.
extern const char* const kSourceFolder;
extern const char* const kBuildFolder;
