# Flags that every target of the project is compiled with. Bits depend on them: no contraction of
# a * b + c, no fast-math; fma is always explicit.
add_library(forkroad_flags INTERFACE)
set_target_properties(forkroad_flags PROPERTIES EXPORT_NAME flags)
# cxx_std_20 for others only: CMake 3.25.1 refuses it for CUDA sources; CMAKE_CXX_STANDARD reaches
# C++ only
target_compile_features(forkroad_flags INTERFACE $<INSTALL_INTERFACE:cxx_std_20>)
target_include_directories(forkroad_flags INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
target_compile_options(
  forkroad_flags
  INTERFACE $<BUILD_INTERFACE:$<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off
            -fno-fast-math
            -fno-math-errno
            -Wall
            -Wextra
            -Wconversion
            -Wshadow
            -Werror>>)

set(FORKROAD_X86 FALSE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(FORKROAD_X86 TRUE)
endif()
