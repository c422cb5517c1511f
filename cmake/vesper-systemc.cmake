# vesper::systemc: Debian's SystemC. It was built as C++17; its ABI tag has to match in every unit that includes it,
# plug-ins included.
if(NOT TARGET vesper::systemc)
  find_library(SYSTEMC_LIBRARY systemc REQUIRED)
  find_path(SYSTEMC_INCLUDE_DIR systemc REQUIRED)
  mark_as_advanced(SYSTEMC_LIBRARY SYSTEMC_INCLUDE_DIR)
  add_library(vesper::systemc INTERFACE IMPORTED)
  set_target_properties(
    vesper::systemc
    PROPERTIES INTERFACE_LINK_LIBRARIES "${SYSTEMC_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${SYSTEMC_INCLUDE_DIR}"
               INTERFACE_COMPILE_DEFINITIONS SC_CPLUSPLUS=201703L)
endif()
