# Builds the benchmarks of all rooms, which are no part of the default build.
add_custom_target(benchmarks)

# harmonia_room(NAME [DEPENDS room...] [LIBRARIES target...])
#
# Makes the library harmonia_NAME of the room's sources. `x_test.cc` and `x_bench.cc` stand beside what they
# check: the tests of a room become build/tests/NAME_test, its benchmarks build/bench/NAME_bench. Sub-folders
# with a CMakeLists.txt of their own are libraries of their own.
function(harmonia_room name)
  cmake_parse_arguments(room "" "" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  file(GLOB_RECURSE libraries_inside ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(library ${libraries_inside})
    cmake_path(GET library PARENT_PATH folder)
    foreach(source ${sources})
      cmake_path(IS_PREFIX folder ${source} is_inside)
      if(is_inside)
        list(REMOVE_ITEM sources ${source})
      endif()
    endforeach()
  endforeach()
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$|/testing/")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$|/testing/")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")

  set(target harmonia_${name})
  add_library(${target} STATIC ${sources})
  target_link_libraries(${target} PUBLIC harmonia_options ${room_LIBRARIES})
  foreach(dependency ${room_DEPENDS})
    target_link_libraries(${target} PUBLIC harmonia_${dependency})
  endforeach()
  harmonia_precompile(${target})

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${target} ${room_TEST_LIBRARIES} GTest::gtest GTest::gtest_main)
    set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_precompile_headers(${name}_test REUSE_FROM harmonia_base)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
  if(benches)
    add_executable(${name}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${name}_bench PRIVATE ${target} benchmark::benchmark_main)
    set_target_properties(${name}_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
    add_dependencies(benchmarks ${name}_bench)
  endif()
endfunction()

# The standard library and Boost.JSON, parsed once for all rooms.
function(harmonia_precompile target)
  if(target STREQUAL harmonia_base)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <charconv> <chrono> <functional> <map> <memory> <optional> <span> <string>
      <string_view> <unordered_map> <utility> <variant> <vector> <boost/json.hpp>)
  else()
    target_precompile_headers(${target} REUSE_FROM harmonia_base)
  endif()
endfunction()
