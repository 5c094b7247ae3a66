// A state folder and its store know each other, on both databases.
#include "scheduler/store_binding.h"

#include <doctest/doctest.h>

#include "tests/scheduler/store_backends.h"

using namespace tallymill;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

StateFolder folder_in(const TemporaryFolder& scratch, const std::string& name) {
  StateFolder state(scratch / name);
  state.prepare();
  return state;
}

}  // namespace

TEST_CASE_TEMPLATE("store binding: folder and store record each other's id", Backend, SqliteBackend,
                   PostgresqlBackend) {
  const Backend backend;
  const TemporaryFolder scratch;
  const StateFolder state = folder_in(scratch, "state");
  std::string id;
  {
    const auto store = open_bound_store(state, backend.address(), "tester");
    id = store->store_id();
    const StateIdentity identity = read_identity(state).value();
    CHECK(identity.store == id);
    CHECK(identity.type == backend.address().type());
    CHECK(identity.folder == store->state_folder_id());
    CHECK(store->head().number == 1);
  }
  CHECK(open_bound_store(state, backend.address(), "tester")->store_id() == id);

  // An empty store in its place is no store of this folder.
  const std::string empty =
      error_of([&] { open_bound_store(state, backend.address("empty"), "tester"); });
  CHECK(has(empty, backend.address("empty").text() +
                       " is empty, but this state folder belongs to "
                       "the store " +
                       id));
}

TEST_CASE("store binding: a server's store is refused to another state folder") {
  const PostgresqlBackend backend;
  const TemporaryFolder scratch;
  const StateFolder mine = folder_in(scratch, "mine");
  const StateFolder other = folder_in(scratch, "other");
  { const auto store = open_bound_store(mine, backend.address(), "tester"); }
  const std::string problem =
      error_of([&] { open_bound_store(other, backend.address(), "tester"); });
  CHECK(has(problem, " belongs to the state folder " + read_identity(mine)->folder + ", and '" +
                         other.root().string() + "' is "));
  CHECK(has(problem, "each state folder has a store of its own"));
}

TEST_CASE("store binding: a store of the other kind is refused, not begun anew") {
  const PostgresqlBackend backend;
  const TemporaryFolder scratch;
  const StateFolder state = folder_in(scratch, "state");
  { const auto store = open_bound_store(state, state.store(), "tester"); }
  const std::string problem =
      error_of([&] { open_bound_store(state, backend.address(), "tester"); });
  CHECK(has(problem, "is of type sqlite, and tallymill.yaml says postgresql"));
}

TEST_CASE("store binding: a store from before there were ids is bound, and so is a lost note") {
  const TemporaryFolder scratch;
  const StateFolder state = folder_in(scratch, "state");
  { Store store(state.store(), "tester"); }
  std::string folder;
  {
    const auto store = open_bound_store(state, state.store(), "tester");
    CHECK(store->head().number == 2);
    folder = read_identity(state)->folder;
  }
  std::filesystem::remove(state.identity());
  const auto store = open_bound_store(state, state.store(), "tester");
  CHECK(store->head().number == 2);
  CHECK(read_identity(state)->folder == folder);
}
