# Flags that every target of the project is compiled with. Bits depend on them: no contraction of
# a * b + c, no fast-math; fma is always explicit.
add_library(forkroad_flags INTERFACE)
# not cxx_std_20: CMake 3.25.1 refuses it for CUDA sources; CMAKE_CXX_STANDARD reaches C++ only
target_include_directories(forkroad_flags INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_options(
  forkroad_flags
  INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off
            -fno-fast-math
            -fno-math-errno
            -Wall
            -Wextra
            -Wconversion
            -Wshadow
            -Werror>)

set(FORKROAD_X86 FALSE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(FORKROAD_X86 TRUE)
endif()
