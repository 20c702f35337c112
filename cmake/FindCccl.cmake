# CCCL (Thrust) headers: from -DFORKROAD_CCCL_INCLUDE, the CUDA toolkit, or the PyPI package
# nvidia-cuda-cccl of the Python in use. Headers only; no CUDA is needed.
if(NOT FORKROAD_CCCL_INCLUDE AND FORKROAD_PYTHON)
  # the PyPI package, which may live in the isolated environment of a wheel build
  find_package(Python 3.10 COMPONENTS Interpreter)
  execute_process(
    COMMAND ${Python_EXECUTABLE} -c "import sysconfig; print(sysconfig.get_path('purelib'))"
    OUTPUT_VARIABLE FORKROAD_SITE_PACKAGES
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  file(GLOB FORKROAD_CCCL_INCLUDE ${FORKROAD_SITE_PACKAGES}/nvidia/*/include/cccl)
endif()
if(NOT FORKROAD_CCCL_INCLUDE)
  find_path(
    FORKROAD_CCCL_INCLUDE thrust/for_each.h
    HINTS ${CMAKE_CURRENT_SOURCE_DIR}/.venv
    PATHS /usr/local/cuda/include/cccl
    PATH_SUFFIXES include/cccl)
endif()
if(NOT FORKROAD_CCCL_INCLUDE OR NOT EXISTS ${FORKROAD_CCCL_INCLUDE}/thrust/for_each.h)
  message(FATAL_ERROR "Thrust headers not found: pip install nvidia-cuda-cccl and pass "
                      "-DFORKROAD_CCCL_INCLUDE=<site-packages>/nvidia/cu13/include/cccl")
endif()
add_library(forkroad_cccl INTERFACE)
target_include_directories(forkroad_cccl SYSTEM INTERFACE ${FORKROAD_CCCL_INCLUDE})
# Thrust would take CUDA for its device and ask for the toolkit's headers.
target_compile_definitions(forkroad_cccl INTERFACE THRUST_HOST_SYSTEM=THRUST_HOST_SYSTEM_CPP
                                                   THRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_OMP)
