# What `cmake --install` puts where. Everything is found relative to the library or the package, so that the tree can be
# moved:
#
#   bin/vesper
#   lib/libvesper.so                     models and platform
#   lib/cmake/vesper/                    find_package(vesper): vesper::vesper, vesper_add_plugin, vesper_add_firmware
#   include/vesper/                      headers, under the names that the sources include them by
#   share/vesper/scenarios, templates, examples, firmware

include(CMakePackageConfigHelpers)

set(VESPER_SHARE ${CMAKE_INSTALL_DATADIR}/vesper)
set(VESPER_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/vesper)

# The same layout in the build folder, so that shared files are found in one way.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/vesper ${PROJECT_BINARY_DIR}/firmware)
foreach(folder scenarios templates examples)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/share/vesper/${folder} SYMBOLIC)
endforeach()
file(CREATE_LINK ${PROJECT_BINARY_DIR}/firmware ${PROJECT_BINARY_DIR}/share/vesper/firmware SYMBOLIC)

file(RELATIVE_PATH library_from_command /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
set_target_properties(vesper_command PROPERTIES EXPORT_NAME command INSTALL_RPATH "$ORIGIN/${library_from_command}")
install(TARGETS vesper vesper_command EXPORT vesper-targets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT vesper-targets NAMESPACE vesper:: DESTINATION ${VESPER_PACKAGE})

configure_package_config_file(cmake/vesper-config.cmake.in ${PROJECT_BINARY_DIR}/vesper-config.cmake
                              INSTALL_DESTINATION ${VESPER_PACKAGE} PATH_VARS VESPER_SHARE CMAKE_INSTALL_INCLUDEDIR)
# Before 1.0 a minor version may change what plug-ins see.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vesper-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vesper-config.cmake ${PROJECT_BINARY_DIR}/vesper-config-version.cmake
              cmake/vesper-systemc.cmake cmake/vesper-plugin.cmake cmake/vesper-firmware.cmake
              platform/plugin/plugin_note.cpp tests/support/test_main.cpp
        DESTINATION ${VESPER_PACKAGE})

foreach(folder models platform schedulers sw tests/support)
  install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vesper/${folder} FILES_MATCHING PATTERN "*.h")
endforeach()
install(FILES tests/unit/policy/policy_fixture.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vesper/tests/unit/policy)
install(FILES ${PROJECT_BINARY_DIR}/generated/vesper_version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vesper)

install(DIRECTORY scenarios templates examples DESTINATION ${VESPER_SHARE})
install(FILES ${PROJECT_BINARY_DIR}/firmware/scheduler.elf ${PROJECT_BINARY_DIR}/firmware/weaver.elf
              sw/boot/firmware.ld DESTINATION ${VESPER_SHARE}/firmware)
foreach(part hal scheduler)
  string(TOUPPER ${part} property)
  get_property(objects GLOBAL PROPERTY VESPER_${property}_OBJECTS)
  install(FILES ${objects} DESTINATION ${VESPER_SHARE}/firmware/${part})
endforeach()
