#pragma once

#include <filesystem>
#include <string>

#include "core/files.h"
#include "scheduler/machine.h"
#include "tests/temporary_folder.h"

namespace tallymill {

using ScratchFolder = TemporaryFolder;

/// The worker of programs/test_worker.cpp.
inline std::filesystem::path test_worker() { return executable_folder() / "test_worker"; }

}  // namespace tallymill
