# Building plug-ins against an installed Vesper.

# vesper_add_plugin(NAME SOURCES...)  ->  libNAME.so, which a scenario names under `plugins`
function(vesper_add_plugin name)
  add_library(${name} SHARED ${ARGN} ${VESPER_PACKAGE_FOLDER}/plugin_note.cpp)
  target_link_libraries(${name} PUBLIC vesper::vesper)
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_options(${name} PRIVATE -Wl,--no-undefined)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  if(NOT CMAKE_BUILD_TYPE)
    target_compile_options(${name} PRIVATE -O2)
  endif()
endfunction()

# vesper_add_plugin_test(PLUGIN SOURCES...)  ->  each GoogleTest of the sources a test of its own, in a process of its
# own, as a SystemC kernel cannot be rebuilt. For vesper/tests/support/stimulus.h.
function(vesper_add_plugin_test plugin)
  enable_testing()
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(${plugin}_test ${ARGN} ${VESPER_PACKAGE_FOLDER}/test_main.cpp)
  target_link_libraries(${plugin}_test PRIVATE ${plugin} GTest::gmock)
  # A policy registers itself: the library is wanted although none of its names is.
  target_link_options(${plugin}_test PRIVATE -Wl,--no-as-needed)
  gtest_discover_tests(${plugin}_test TEST_PREFIX ${plugin}. PROPERTIES TIMEOUT 60)
endfunction()

# vesper_add_scenario_test(PLUGIN SCENARIO [AS NAME] [OPTIONS OF vesper run...])  ->  a test that runs the scenario with
# the plug-in of this build
function(vesper_add_scenario_test plugin scenario)
  cmake_parse_arguments(test "" "AS" "" ${ARGN})
  get_filename_component(name ${scenario} NAME_WE)
  if(test_AS)
    set(name ${test_AS})
  endif()
  add_test(NAME ${plugin}.runs_${name}
           COMMAND vesper::command run ${CMAKE_CURRENT_SOURCE_DIR}/${scenario} --set plugins.0=$<TARGET_FILE:${plugin}>
                   --out ${CMAKE_CURRENT_BINARY_DIR}/runs/${name} ${test_UNPARSED_ARGUMENTS})
  set_tests_properties(${plugin}.runs_${name} PROPERTIES TIMEOUT 60)
endfunction()
