#include "tests/servers/postgresql.h"

#include "core/text.h"
#include "tests/contract/contract_fixture.h"

namespace tallymill {

namespace {

/// Tables are compared, not read: so the suite asks for no more than that they can be put there.
class PostgresqlWorld final : public ContractWorld {
 public:
  std::string declaration() const override {
    return "{ type: postgresql, connect: \"" + PostgresqlServer::instance().connect() + "\" }";
  }
  std::string from(const std::string& name) const override { return "table: " + name; }
  std::string to(const std::string& name) const override { return from(name); }

  void put(const std::string& name, const std::vector<std::string>& columns,
           const std::vector<ContractRow>& rows) override {
    std::string sql = "drop table if exists " + name + "; create table " + name + " (" +
                      join(columns, " text, ") + " text);\n";
    for (const ContractRow& row : rows) {
      std::vector<std::string> cells;
      for (const auto& cell : row) cells.push_back(cell ? quote_literal(*cell) : "null");
      sql += "insert into " + name + " values (" + join(cells, ", ") + ");\n";
    }
    PostgresqlServer::instance().execute(sql);
  }
};

}  // namespace

void register_postgresql(Registry<ContractFixture>& fixtures) {
  fixtures.add({"postgresql", [](const std::filesystem::path&) -> std::unique_ptr<ContractWorld> {
                  return std::make_unique<PostgresqlWorld>();
                }});
}

}  // namespace tallymill
