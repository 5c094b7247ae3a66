// Runs an SQL script in plain DuckDB, without any of our layers: the rival of the benchmarks.
// usage: duckdb_sql SCRIPT [NAME=VALUE ...]; ${NAME} in the script becomes VALUE. A line
// `-- fsync FILE` in the script fsyncs FILE when it is reached, as publishing does.
#include <dlfcn.h>
#include <duckdb.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace {

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "duckdb_sql: %s\n", message.c_str());
  std::_Exit(1);
}

template <class Function>
Function load(void* library, const char* name) {
  void* symbol = dlsym(library, name);
  if (!symbol) die(std::string("no symbol ") + name);
  return reinterpret_cast<Function>(symbol);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

void sync_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fsync(fd) != 0) die("cannot fsync " + path);
  close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) die("usage: duckdb_sql SCRIPT [NAME=VALUE ...]");
  std::ifstream in(argv[1]);
  std::stringstream buffer;
  buffer << in.rdbuf();
  std::string script = buffer.str();
  for (int i = 2; i < argc; ++i) {
    const std::string setting = argv[i];
    const std::size_t equals = setting.find('=');
    script = replaced(script, "${" + setting.substr(0, equals) + "}", setting.substr(equals + 1));
  }
  void* library = dlopen(TALLYMILL_DUCKDB_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
  if (!library) die(dlerror());
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  if (load<decltype(&duckdb_open)>(library, "duckdb_open")(nullptr, &database) != DuckDBSuccess ||
      load<decltype(&duckdb_connect)>(library, "duckdb_connect")(database, &connection) !=
          DuckDBSuccess)
    die("cannot open an in-memory database");
  const auto query = load<decltype(&duckdb_query)>(library, "duckdb_query");
  const auto error = load<decltype(&duckdb_result_error)>(library, "duckdb_result_error");
  const auto destroy = load<decltype(&duckdb_destroy_result)>(library, "duckdb_destroy_result");
  const auto run = [&](const std::string& sql) {
    if (sql.find_first_not_of(" \n\t;") == std::string::npos) return;
    duckdb_result result;
    if (query(connection, sql.c_str(), &result) != DuckDBSuccess) die(error(&result));
    destroy(&result);
  };
  std::istringstream lines(script);
  std::string pending;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("-- fsync ", 0) == 0) {
      run(pending);
      pending.clear();
      sync_file(line.substr(9));
    } else {
      pending += line + '\n';
    }
  }
  run(pending);
  std::_Exit(0);  // as our worker does: DuckDB's teardown is not what is measured
}
