# What `cmake --install` leaves for other projects: the static libraries, the headers of the public
# interface and a package for find_package(forkroad CONFIG). Includes read as they do in this tree
# ("sim/simulator.hpp"); the headers lie under include/forkroad, so that they meet no one else's.
# The Python module is a component of its own, which only wheels ask for.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Headers to include, and what these include in turn. None of them instantiates a lane type: that
# happens in the library alone, under its own flags.
function(forkroad_public_headers target)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/)
  target_sources(${target} INTERFACE FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARGN})
endfunction()

forkroad_public_headers(
  forkroad_kernels
  kernels/agent_steps.hpp
  kernels/bicycle.hpp
  kernels/centerlines.hpp
  kernels/contact.hpp
  kernels/drivable.hpp
  kernels/lane.hpp
  kernels/macros.hpp
  kernels/obb.hpp
  kernels/pdm_view.hpp
  kernels/plan_facts.hpp
  kernels/reference_path.hpp
  kernels/ride.hpp
  kernels/road.hpp
  kernels/rollout_lanes.hpp
  kernels/rollout_params.hpp
  kernels/step_facts.hpp
  kernels/time_to_collision.hpp
  kernels/tracker.hpp
  kernels/traffic_rules.hpp
  kernels/trig.hpp)
forkroad_public_headers(
  forkroad_scenarios
  scenarios/generate_scene.hpp
  scenarios/generated_scene.hpp
  scenarios/layout.hpp
  scenarios/layout_truth.hpp
  scenarios/load_scenes.hpp
  scenarios/mapped_file.hpp
  scenarios/parse_error.hpp
  scenarios/plane_curve.hpp
  scenarios/safetensors.hpp
  scenarios/scene.hpp
  scenarios/scene_random.hpp
  scenarios/shard_layout.hpp
  scenarios/shard_reader.hpp
  scenarios/shard_writer.hpp
  scenarios/spool.hpp
  scenarios/step_arrays.hpp
  scenarios/traffic.hpp
  scenarios/traffic_conflicts.hpp
  scenarios/traffic_log.hpp
  scenarios/traffic_path.hpp)
forkroad_public_headers(forkroad_worldmodel worldmodel/agent_model.hpp worldmodel/agent_table.hpp
                        worldmodel/level_gate.hpp)
forkroad_public_headers(
  forkroad
  sim/device.hpp
  sim/facts.hpp
  sim/lane_kernels.hpp
  sim/log_plan.hpp
  sim/pdm_card.hpp
  sim/pdm_comfort_pairs.hpp
  sim/pdm_scene.hpp
  sim/pdm_scorer.hpp
  sim/plan_set.hpp
  sim/rollout_spec.hpp
  sim/scene_batch.hpp
  sim/score_card.hpp
  sim/simulator.hpp
  sim/snapshot.hpp
  sim/vehicle_model.hpp
  sim/vocabulary.hpp)

set(FORKROAD_CONFIG_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/forkroad)
install(
  TARGETS forkroad forkroad_worldmodel forkroad_scenarios forkroad_kernels forkroad_flags
  EXPORT forkroad
  COMPONENT development
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/forkroad COMPONENT development
  # once more for consumers whose CMake, before 3.23, knows no file sets
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/forkroad)
install(
  EXPORT forkroad
  NAMESPACE forkroad::
  FILE forkroadTargets.cmake
  DESTINATION ${FORKROAD_CONFIG_FOLDER}
  COMPONENT development)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/forkroadConfig.cmake.in ${PROJECT_BINARY_DIR}/forkroadConfig.cmake
  INSTALL_DESTINATION ${FORKROAD_CONFIG_FOLDER} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/forkroadConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/forkroadConfig.cmake ${PROJECT_BINARY_DIR}/forkroadConfigVersion.cmake
  DESTINATION ${FORKROAD_CONFIG_FOLDER}
  COMPONENT development)
install(
  FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT development)
