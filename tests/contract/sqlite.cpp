#include "connectors/sqlite/database.h"
#include "core/text.h"
#include "tests/contract/contract_fixture.h"

namespace tallymill {

namespace {

class SqliteWorld final : public ContractWorld {
 public:
  explicit SqliteWorld(const std::filesystem::path& folder) : file_(folder / "data.db") {}
  std::string declaration() const override { return "{ type: sqlite, file: data.db }"; }
  std::string from(const std::string& name) const override { return "table: " + name; }
  std::string to(const std::string& name) const override { return from(name); }

  void put(const std::string& name, const std::vector<std::string>& columns,
           const std::vector<ContractRow>& rows) override {
    SqliteDatabase database(file_, SqliteAccess::write);
    database.execute("drop table if exists " + name);
    database.execute("create table " + name + " (" + join(columns, " text, ") + " text)");
    for (const ContractRow& row : rows) {
      const std::vector<std::string> marks(row.size(), "?");
      SqliteStatement insert(database,
                             "insert into " + name + " values (" + join(marks, ", ") + ")");
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i])
          insert.bind(static_cast<int>(i + 1), *row[i]);
        else
          insert.bind_null(static_cast<int>(i + 1));
      }
      insert.step();
    }
  }

 private:
  std::filesystem::path file_;
};

}  // namespace

void register_sqlite(Registry<ContractFixture>& fixtures) {
  fixtures.add(
      {"sqlite", [](const std::filesystem::path& folder) -> std::unique_ptr<ContractWorld> {
         return std::make_unique<SqliteWorld>(folder);
       }});
}

}  // namespace tallymill
