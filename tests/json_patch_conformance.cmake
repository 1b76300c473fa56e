add_executable(json_patch_conformance json_patch_conformance.cc)
target_link_libraries(json_patch_conformance PRIVATE harmonia_workflow)
target_compile_definitions(json_patch_conformance PRIVATE
  KNOWN_FAILURES="${CMAKE_CURRENT_SOURCE_DIR}/data/json_patch/known_failures.json")
set_target_properties(json_patch_conformance PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME json_patch_conformance
  COMMAND json_patch_conformance ${CMAKE_CURRENT_SOURCE_DIR}/data/json_patch)
