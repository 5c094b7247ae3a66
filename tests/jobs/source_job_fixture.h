#pragma once

#include "tests/jobs/job_fixture.h"

namespace tallymill {

/// A job with a workspace of source and target files around it.
class SourceJobFixture : public JobFixture {
 public:
  /// Writes a file of the workspace.
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::filesystem::path file = task.workspace / name;
    std::filesystem::create_directories(file.parent_path());
    write_file_durably(file, text);
    return file;
  }
  std::string read(const std::string& name) const { return read_file(task.workspace / name); }

  /// Declares `connectors: { name: ... }`; `yaml` is its mapping.
  void add_connector(const std::string& name, const std::string& yaml) {
    Diagnostics diagnostics;
    const auto document = YamlDocument::parse("tallymill.yaml", yaml, diagnostics);
    REQUIRE_MESSAGE(document, diagnostics.render());
    task.connectors[name] = {{"type", std::string(document->root().find("type").text())},
                             {"spec", document->root().to_json()},
                             {"file", "tallymill.yaml"}};
  }

  /// rows(), one line each, for comparing with a whole text.
  std::string text(const std::string& dataset, const std::string& columns = "*") const {
    std::string all;
    for (const std::string& line : rows(dataset, columns)) all += line + "\n";
    return all;
  }
};

}  // namespace tallymill
