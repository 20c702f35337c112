# protozero: header-only protobuf decoder.
find_path(FORKROAD_PROTOZERO_INCLUDE protozero/pbf_reader.hpp REQUIRED)
add_library(forkroad_protozero INTERFACE)
target_include_directories(forkroad_protozero SYSTEM INTERFACE ${FORKROAD_PROTOZERO_INCLUDE})
