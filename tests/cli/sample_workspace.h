#pragma once

#include <string>

#include "core/files.h"
#include "tests/temporary_folder.h"

namespace tallymill {

/// A workspace below a folder of its own, with the smallest tallymill.yaml.
class SampleWorkspace {
 public:
  SampleWorkspace() { write("tallymill.yaml", "workspace: sample\n"); }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((folder_ / file).parent_path());
    write_file_durably(folder_ / file, text);
  }
  std::string root() const { return folder_.path().string(); }

 private:
  TemporaryFolder folder_;
};

/// Jobs that join: `ready` waits for all others.
inline constexpr const char* kJoin = R"(graph: join
description: Three branches that meet.
period: month
jobs:
  ready: { type: noop, needs: [left, right] }
  left: { type: noop }
  right: { type: noop, needs: left }
)";

}  // namespace tallymill
