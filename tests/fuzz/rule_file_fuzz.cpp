// Any bytes as a rule file are either refused with a problem or become a rule; none ends the
// process, leaves the sandbox, or goes on for ever. The interpreted state stops loops by its hook.

#include <string>

#include "rules/rule_file.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  constexpr std::int64_t kMemory = 16LL << 20;
  constexpr int kMilliseconds = 200;
  LuaState state(LuaMode::traced, kMemory, 2);
  Diagnostics diagnostics;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto rule =
      load_rule_file(state, {"f", "rules/f.lua", text}, 2, kMilliseconds, diagnostics);
  TALLYMILL_REQUIRE((rule == nullptr) == diagnostics.has_errors());
  TALLYMILL_REQUIRE(diagnostics.empty() == diagnostics.render().empty());
  return 0;
}
