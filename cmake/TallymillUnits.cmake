# The registry is the folder: every <folder>/<stem>.cpp defines register_<stem>(Registry<Unit>&).
# Generates, in the build tree, register_all_<kind>() that calls them in name order; dropping in a
# file is enough, and a file without its function fails at link time.
function(tallymill_units target folder kind unit header)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.cpp")
  list(SORT sources)
  set(declarations "")
  set(calls "")
  foreach(source IN LISTS sources)
    get_filename_component(stem "${source}" NAME_WE)
    string(APPEND declarations "void register_${stem}(Registry<${unit}>& units);\n")
    string(APPEND calls "  register_${stem}(units);\n")
  endforeach()
  set(generated "${CMAKE_BINARY_DIR}/generated/${folder}/register_all_${kind}.cpp")
  file(CONFIGURE OUTPUT "${generated}" CONTENT "#include \"${header}\"

namespace tallymill {
${declarations}
void register_all_${kind}([[maybe_unused]] Registry<${unit}>& units) {
${calls}}
}  // namespace tallymill
" @ONLY)
  target_sources(${target} PRIVATE ${sources} "${generated}")
endfunction()
