// What every connector must do alike. The suite walks the registry; a connector without a fixture
// in tests/contract/ fails the first case.

#include <doctest/doctest.h>

#include <functional>

#include "core/files.h"
#include "tests/connectors/source_fixture.h"
#include "tests/contract/contract_fixture.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

using Texts = std::vector<std::string>;

/// One connector over a world of its own.
struct Contract {
  explicit Contract(const ContractFixture& fixture) {
    register_all_connectors(types);
    world = fixture.make(folder.path());
    declared = std::make_unique<YamlOptions>(world->declaration());
    connector = types.find(fixture.name)
                    ->make(declared->options(), {"c", folder.path(), folder.path() / "tmp"});
  }
  std::unique_ptr<RecordReader> reader(const std::string& name, const Texts& asked = {}) {
    from = std::make_unique<YamlOptions>(world->from(name));
    return connector->open_reader({from->options(), wanted(asked), {}, {}});
  }
  std::unique_ptr<RecordWriter> writer(const std::string& name, const Publication& right) {
    to = std::make_unique<YamlOptions>(world->to(name));
    return connector->open_writer({to->options(), columns, {"id"}, right, {}});
  }
  WriteReceipt deliver(const std::string& name, const std::vector<Fields>& rows,
                       const Publication& right) {
    const auto target = writer(name, right);
    for (const Fields& row : rows) target->write(row.fields());
    return publish(*target);
  }

  const std::vector<Column> columns{{.name = "id", .type = Type::integer()},
                                    {.name = "name", .type = Type::text()},
                                    {.name = "amount", .type = Type::money(2)},
                                    {.name = "rate", .type = Type::decimal(38, 10)},
                                    {.name = "day", .type = Type::date()}};
  TemporaryFolder folder;
  Registry<ConnectorType> types;
  std::unique_ptr<ContractWorld> world;
  std::unique_ptr<YamlOptions> declared;
  std::unique_ptr<YamlOptions> from;
  std::unique_ptr<YamlOptions> to;
  std::unique_ptr<Connector> connector;
};

/// Runs `body` once for every connector that has `capability`.
void for_each_connector(Capability capability, const std::function<void(Contract&)>& body) {
  Registry<ContractFixture> fixtures;
  register_all_fixtures(fixtures);
  for (const auto& [name, fixture] : fixtures) {
    CAPTURE(name);
    Contract contract(fixture);
    if (contract.connector->can(capability)) body(contract);
  }
}

/// "fields" of each record, without its place.
Texts fields_of(const Delivered& delivered) {
  Texts fields;
  for (const std::string& record : delivered.records)
    fields.push_back(record.substr(record.find(' ') + 1));
  return fields;
}

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

}  // namespace

TEST_CASE("contract: every connector has a fixture, a page and options with summaries") {
  Registry<ConnectorType> types;
  register_all_connectors(types);
  Registry<ContractFixture> fixtures;
  register_all_fixtures(fixtures);
  CHECK(types.names() == fixtures.names());
  for (const auto& [name, type] : types) {
    CAPTURE(name);
    CHECK(std::filesystem::exists(std::filesystem::path(kSourceFolder) / "docs/connectors" /
                                  (name + ".md")));
    CHECK_FALSE(type.summary.empty());
    for (const auto* options : {&type.options, &type.from_options, &type.to_options})
      for (const OptionSpec& option : *options) CHECK_MESSAGE(!option.summary.empty(), option.name);
  }
}

TEST_CASE("contract: a connector can what its options promise") {
  Registry<ContractFixture> fixtures;
  register_all_fixtures(fixtures);
  for (const auto& [name, fixture] : fixtures) {
    CAPTURE(name);
    const Contract contract(fixture);
    const ConnectorType& type = *contract.types.find(name);
    CHECK(contract.connector->can(Capability::read) == !type.from_options.empty());
    CHECK(contract.connector->can(Capability::write) == !type.to_options.empty());
  }
}

TEST_CASE("contract: records come with their fields, nulls and awkward texts as they are") {
  for_each_connector(Capability::read, [](Contract& contract) {
    contract.world->put("t", {"a", "b"},
                        {{"1", "plain"},
                         {std::nullopt, ""},
                         {"x,\"y\"\nz", "中文 \xF0\x9F\x92\xB0"},
                         {" padded\t", "'quoted'; drop table t"}});
    const auto reader = contract.reader("t");
    CHECK(reader->columns() == Texts{"a", "b"});
    CHECK(fields_of(read_all(*reader)) == Texts{"1|plain", "null|",
                                                "x,\"y\"\nz|中文 \xF0\x9F\x92\xB0",
                                                " padded\t|'quoted'; drop table t"});
  });
}

TEST_CASE("contract: wanted columns come in the asked order, the others are listed") {
  for_each_connector(Capability::read, [](Contract& contract) {
    contract.world->put("t", {"a", "b", "c"}, {{"1", "2", "3"}});
    const auto reader = contract.reader("t", {"c", "a"});
    CHECK(reader->columns() == Texts{"c", "a"});
    REQUIRE(reader->ignored_columns().size() == 1);
    CHECK(reader->ignored_columns()[0].second == "b");
    CHECK(reader->ignored_columns()[0].first == reader->sources().at(0));
    CHECK(fields_of(read_all(*reader)) == Texts{"3|1"});
  });
}

TEST_CASE("contract: a missing column is an error at its place that names the nearest") {
  for_each_connector(Capability::read, [](Contract& contract) {
    contract.world->put("t", {"amount"}, {});
    try {
      contract.reader("t", {"amuont"});
      FAIL("expected an Error");
    } catch (const Error& error) {
      CHECK(error.message().find("'amuont'; did you mean 'amount'?") != std::string::npos);
      CHECK(error.where() == SourcePosition{"t.yaml", 9, 5});
    }
  });
}

TEST_CASE("contract: a missing collection is an error that names it") {
  for_each_connector(Capability::read, [](Contract& contract) {
    contract.world->put("orders", {"a"}, {});
    const std::string message = message_of([&] { contract.reader("order"); });
    CHECK(message.find("order") != std::string::npos);
    CHECK(message.find("did you mean 'orders") != std::string::npos);
  });
}

TEST_CASE("contract: an empty source has no records and no complaints") {
  for_each_connector(Capability::read, [](Contract& contract) {
    contract.world->put("t", {"a"}, {});
    const auto reader = contract.reader("t", {"a"});
    CHECK(read_all(*reader).records.empty());
    CHECK(reader->records_read() == 0);
  });
}

TEST_CASE("contract: a full sink loses nothing, places are unique and ascend") {
  for_each_connector(Capability::read, [](Contract& contract) {
    std::vector<ContractRow> rows;
    for (int i = 0; i < 1000; ++i) rows.push_back({std::to_string(i)});
    contract.world->put("t", {"a"}, rows);
    const auto reader = contract.reader("t", {"a"});
    CollectingSink sink(*reader, 7);
    const auto cursor = reader->open_cursor();
    while (cursor->read(sink)) sink.empty();
    CHECK_FALSE(cursor->read(sink));
    reader->finish();
    CHECK(reader->records_read() == 1000);
    const Texts fields = fields_of(sink.delivered);
    REQUIRE(fields.size() == 1000);
    for (std::size_t i = 0; i < fields.size(); ++i) REQUIRE(fields[i] == std::to_string(i));
  });
}

TEST_CASE("contract: further cursors share the records, none comes twice") {
  for_each_connector(Capability::read, [](Contract& contract) {
    contract.world->put("t", {"a"}, {{"1"}, {"2"}, {"3"}});
    const auto reader = contract.reader("t", {"a"});
    CollectingSink sink(*reader, 100);
    const auto first = reader->open_cursor();
    const auto second = reader->open_cursor();
    while (second->read(sink)) {
    }
    while (first->read(sink)) {
    }
    reader->finish();
    CHECK(sink.delivered.records.size() == 3);
    CHECK(reader->max_threads() >= 1);
  });
}

TEST_CASE("contract: a state tells the same content from another") {
  for_each_connector(Capability::read, [](Contract& contract) {
    contract.world->put("t", {"a"}, {{"1"}});
    auto reader = contract.reader("t", {"a"});
    read_all(*reader);
    const SourceState state = parse_json(json::serialize(reader->state()), "state");
    reader.reset();
    const auto again = contract.reader("t", {"a"});
    REQUIRE(again->is_unchanged(state));
    CHECK(again->state() == state);
    CHECK_FALSE(contract.reader("t", {"a"})->is_unchanged(json::value()));
    contract.world->put("t", {"a"}, {{"2"}});
    CHECK_FALSE(contract.reader("t", {"a"})->is_unchanged(state));
  });
}

TEST_CASE("contract: what is written reads back, by receipt and by reader") {
  for_each_connector(Capability::write, [](Contract& contract) {
    const WriteReceipt receipt =
        contract.deliver("out",
                         {Fields({"1", "a,\"b\"\n中", "-0.01",
                                  "1234567890123456789012345678.0123456789", "2026-01-31"}),
                          Fields({"2", "null", "9999999999999999.99", "null", "null"})},
                         publication(1));
    CHECK(receipt.rows == 2);
    CHECK(receipt.amounts.at("amount") == Int128{999'999'999'999'999'998});
    CHECK(receipt.amounts.at("id") == 3);
    CHECK_FALSE(receipt.where.empty());
    const auto reader = contract.reader("out", {"id", "name", "amount", "rate", "day"});
    CHECK(fields_of(read_all(*reader)) ==
          Texts{"1|a,\"b\"\n中|-0.01|1234567890123456789012345678.0123456789|2026-01-31",
                "2|null|9999999999999999.99|null|null"});
  });
}

TEST_CASE("contract: reading back shows nothing to others, leaving leaves nothing") {
  for_each_connector(Capability::write, [](Contract& contract) {
    contract.deliver("out", {Fields({"1", "old", "1.00", "null", "null"})}, publication(1));
    {
      const auto writer = contract.writer("out", publication(2));
      writer->write(Fields({"2", "new", "1.00", "null", "null"}).fields());
      CHECK(writer->read_back().rows == 1);
    }
    CHECK(fields_of(read_all(*contract.reader("out", {"name"}))) == Texts{"old"});
    contract.deliver("out", {Fields({"3", "newer", "1.00", "null", "null"})}, publication(3));
    CHECK(fields_of(read_all(*contract.reader("out", {"name"}))) == Texts{"newer"});
  });
}

TEST_CASE("contract: a late attempt, another job and another store do not overwrite") {
  for_each_connector(Capability::write, [](Contract& contract) {
    contract.deliver("out", {Fields({"1", "right", "1.00", "null", "null"})}, publication(9));
    Publication other_job = publication(10);
    other_job.job += 'x';
    Publication other_store = publication(10);
    other_store.epoch.store_id.assign(32, '3');
    for (const Publication& wrong : {publication(8), other_job, other_store}) {
      const std::string message = message_of([&] {
        contract.deliver("out", {Fields({"1", "wrong", "1.00", "null", "null"})}, wrong);
      });
      CHECK_FALSE(message.empty());
    }
    CHECK(fields_of(read_all(*contract.reader("out", {"name"}))) == Texts{"right"});
    contract.deliver("out", {Fields({"1", "again", "1.00", "null", "null"})}, publication(9));
    CHECK(fields_of(read_all(*contract.reader("out", {"name"}))) == Texts{"again"});
  });
}
