# The engine, its store and its runners, simulated from seeds. `build/tests/simulation --help` says how to use it.
# Included and not a folder of its own: its build folder would have the name of the program.
file(GLOB simulation_sources CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_LIST_DIR}/*.cc ${CMAKE_CURRENT_LIST_DIR}/history_checks/*.cc)
add_executable(simulation ${simulation_sources}
  ${CMAKE_SOURCE_DIR}/src/execution/testing/random_definition.cc)
target_include_directories(simulation PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(simulation PRIVATE harmonia_server harmonia_scenario harmonia_store
  harmonia_fault_disk)
target_precompile_headers(simulation REUSE_FROM harmonia_base)
set_target_properties(simulation PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME simulation COMMAND simulation --seeds 1..500 --seconds 200 --require-coverage --shrink-seconds 30)
