#pragma once

#include <filesystem>
#include <string>

namespace tallymill {

/// Opens a shared library for the life of the process: in ../lib of the executable, beside it, or
/// at `built`, where the build has it. What it needs is found in itself first, and nothing of it
/// is visible to others. Throws Error(config) saying where it looked.
void* open_shared_library(const std::string& name, const std::filesystem::path& built);

/// The address of a C function. Throws Error(config) if it is not there.
void* function_of(void* library, const std::string& name, const std::string& function);

}  // namespace tallymill
