# Builds the fuzzers, which are no part of the default build. libFuzzer comes with clang only: with other compilers the
# functions below do nothing.
add_custom_target(fuzzers)
find_program(PYTHON3_PROGRAM python3 REQUIRED)

set(fuzz_options -O1 -fno-sanitize-recover=undefined)
set(fuzz_sanitizers address,undefined)

# harmonia_fuzzed_room(NAME) makes harmonia_NAME_fuzzed: the sources of a room compiled once more, with sanitizers and
# so that a fuzzer sees where it goes.
function(harmonia_fuzzed_room name)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    return()
  endif()
  cmake_parse_arguments(room "" "" "LIBRARIES" ${ARGN})
  set(target harmonia_${name}_fuzzed)
  add_library(${target} STATIC EXCLUDE_FROM_ALL $<TARGET_PROPERTY:harmonia_${name},SOURCES>)
  target_link_libraries(${target} PUBLIC harmonia_options ${room_LIBRARIES})
  target_compile_options(${target} PRIVATE ${fuzz_options} -fsanitize=fuzzer-no-link,${fuzz_sanitizers})
endfunction()

# harmonia_fuzzer(NAME SOURCES file... LIBRARIES target...) makes fuzz/NAME_fuzz of the build folder, and a test that
# runs it for a minute.
function(harmonia_fuzzer name)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    return()
  endif()
  cmake_parse_arguments(fuzzer "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(target ${name}_fuzz)
  add_executable(${target} EXCLUDE_FROM_ALL ${fuzzer_SOURCES})
  target_link_libraries(${target} PRIVATE harmonia_options ${fuzzer_LIBRARIES})
  target_compile_options(${target} PRIVATE ${fuzz_options} -fsanitize=fuzzer,${fuzz_sanitizers})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer,${fuzz_sanitizers})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  add_dependencies(fuzzers ${target})
  add_test(NAME fuzz_${name}
    COMMAND ${PYTHON3_PROGRAM} ${CMAKE_SOURCE_DIR}/tools/fuzz.py --folder ${CMAKE_BINARY_DIR} ${name})
endfunction()
