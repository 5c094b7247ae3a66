# Debian's libsoci-dev 4.0.3 ships neither SOCIConfig.cmake nor a .pc file.
# Targets: SOCI::core and SOCI::<component>.
find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_core_LIBRARY soci_core)
set(_soci_required SOCI_core_LIBRARY SOCI_INCLUDE_DIR)
foreach(component IN LISTS SOCI_FIND_COMPONENTS)
  find_library(SOCI_${component}_LIBRARY soci_${component})
  list(APPEND _soci_required SOCI_${component}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI REQUIRED_VARS ${_soci_required})
if(SOCI_FOUND AND NOT TARGET SOCI::core)
  add_library(SOCI::core UNKNOWN IMPORTED)
  set_target_properties(SOCI::core PROPERTIES
    IMPORTED_LOCATION "${SOCI_core_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SOCI_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS}")
  foreach(component IN LISTS SOCI_FIND_COMPONENTS)
    add_library(SOCI::${component} UNKNOWN IMPORTED)
    set_target_properties(SOCI::${component} PROPERTIES
      IMPORTED_LOCATION "${SOCI_${component}_LIBRARY}"
      INTERFACE_LINK_LIBRARIES SOCI::core)
  endforeach()
endif()
