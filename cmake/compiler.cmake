# One interface target carries what every target of ours is compiled and linked with.
add_library(harmonia_options INTERFACE)
target_include_directories(harmonia_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(harmonia_options INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False reports of g++ 12: the storage of a std::variant, so of every Result, as possibly uninitialized, and
  # "..." + std::string as out of bounds.
  target_compile_options(harmonia_options INTERFACE
    -Werror=switch -Wno-mismatched-new-delete -Wno-maybe-uninitialized -Wno-array-bounds)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 uses a function of its own that C++17 deprecates; and a designated initializer may leave members to
  # their defaults, which g++ asks for only where there is none.
  target_compile_options(harmonia_options INTERFACE
    -Wno-deprecated-declarations -Wno-missing-designated-field-initializers)
endif()

if(HARMONIA_SANITIZE_ADDRESS)
  target_compile_options(harmonia_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(harmonia_options INTERFACE -fsanitize=address,undefined)
endif()
if(HARMONIA_SANITIZE_THREAD)
  target_compile_options(harmonia_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(harmonia_options INTERFACE -Wno-tsan)
  endif()
  target_link_options(harmonia_options INTERFACE -fsanitize=thread)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The base folder makes hits independent of where the checkout lies; the sloppiness is what precompiled
  # headers need.
  set(ccache_command ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_command})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(harmonia_options INTERFACE -fuse-ld=mold)
endif()
