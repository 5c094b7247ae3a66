# Embeds lua/**.lua into a target: generates, in the build tree, the table that rules/lua_library.h
# declares. Editing a file re-runs the configure step.
function(tallymill_embed_lua target)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/lua/*.lua")
  list(FILTER sources EXCLUDE REGEX "/lua/stubs/")
  list(SORT sources)
  set(entries "")
  foreach(source IN LISTS sources)
    set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
    file(RELATIVE_PATH name "${CMAKE_SOURCE_DIR}/lua" "${source}")
    string(REGEX REPLACE "\\.lua$" "" name "${name}")
    string(REPLACE "/" "." name "${name}")
    file(READ "${source}" text)
    string(APPEND entries "    {\"${name}\", R\"tallymill(${text})tallymill\"},\n")
  endforeach()
  set(generated "${CMAKE_BINARY_DIR}/generated/rules/lua_library.cpp")
  file(GENERATE OUTPUT "${generated}" CONTENT "#include \"rules/lua_library.h\"

namespace tallymill {
namespace {
constexpr LuaModule kModules[] = {
${entries}};
}  // namespace
std::span<const LuaModule> lua_library() { return kModules; }
}  // namespace tallymill
")
  target_sources(${target} PRIVATE "${generated}")
endfunction()
