#include <fstream>

#include "tests/contract/contract_fixture.h"

namespace tallymill {

namespace {

class FilesWorld final : public ContractWorld {
 public:
  explicit FilesWorld(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_ / "root");
  }
  std::string declaration() const override { return "{ type: files, root: root }"; }
  std::string from(const std::string& name) const override { return "path: " + name + ".csv"; }
  std::string to(const std::string& name) const override { return from(name); }

  void put(const std::string& name, const std::vector<std::string>& columns,
           const std::vector<ContractRow>& rows) override {
    std::ofstream file(folder_ / "root" / (name + ".csv"), std::ios::binary);
    for (std::size_t i = 0; i < columns.size(); ++i) file << (i == 0 ? "" : ",") << columns[i];
    for (const ContractRow& row : rows) {
      file << '\n';
      for (std::size_t i = 0; i < row.size(); ++i)
        file << (i == 0 ? "" : ",") << (row[i] ? quoted(*row[i]) : std::string());
    }
    file << '\n';
  }

 private:
  static std::string quoted(const std::string& text) {
    std::string result(1, '"');
    for (char c : text) {
      if (c == '"') result += c;
      result += c;
    }
    return result + '"';
  }

  std::filesystem::path folder_;
};

}  // namespace

void register_files(Registry<ContractFixture>& fixtures) {
  fixtures.add({"files", [](const std::filesystem::path& folder) -> std::unique_ptr<ContractWorld> {
                  return std::make_unique<FilesWorld>(folder);
                }});
}

}  // namespace tallymill
