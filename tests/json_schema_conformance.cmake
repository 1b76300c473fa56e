add_executable(json_schema_conformance json_schema_conformance.cc)
target_link_libraries(json_schema_conformance PRIVATE harmonia_workflow)
target_compile_definitions(json_schema_conformance PRIVATE
  KNOWN_FAILURES="${CMAKE_CURRENT_SOURCE_DIR}/data/json_schema/known_failures.json")
set_target_properties(json_schema_conformance PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME json_schema_conformance
  COMMAND json_schema_conformance ${CMAKE_CURRENT_SOURCE_DIR}/data/json_schema)
