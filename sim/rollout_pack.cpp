#include "sim/rollout_pack.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace forkroad {
namespace {

constexpr size_t kAlignment = 256;  // [bytes] of every array: whole memory transactions

// Until rebase a pointer field holds its array's offset.
template <class T>
const T* as_offset(size_t offset) {
  return reinterpret_cast<const T*>(offset);
}

template <class T>
void shift(const T*& pointer, const std::byte* base) {
  if (pointer == nullptr) return;  // says that there is none
  pointer = reinterpret_cast<const T*>(base + reinterpret_cast<uintptr_t>(pointer));
}

template <class Visit>
void for_each_road_pointer(RoadView& road, const Visit& visit) {
  visit(road.stop_lines);
  visit(road.red);
  visit(road.log_off.begin);
  visit(road.log_off.boxes);
  visit(road.drivable.cells);
  visit(road.drivable.mixed);
  visit(road.drivable.nearby);
  visit(road.drivable.edges);
  visit(road.drivable.rings);
  visit(road.drivable.ring_edges);
}

}  // namespace

size_t RolloutPack::append(const void* source, size_t size) {
  const size_t offset = (bytes_.size() + kAlignment - 1) / kAlignment * kAlignment;
  bytes_.resize(offset + size);
  if (size > 0) std::memcpy(bytes_.data() + offset, source, size);
  return offset;
}

size_t RolloutPack::append_shared(const void* source, size_t size) {
  const auto known = std::find_if(shared_.begin(), shared_.end(),
                                  [&](const Shared& item) { return item.source == source; });
  if (known != shared_.end()) return known->offset;
  shared_.push_back({source, append(source, size)});
  return shared_.back().offset;
}

void RolloutPack::pack_road(RoadView& road, size_t rows) {
  DrivableView& area = road.drivable;
  const size_t lines = static_cast<size_t>(road.num_stop_lines);
  const auto pack = [&](auto*& pointer, size_t count) {
    using Value = std::remove_const_t<std::remove_reference_t<decltype(*pointer)>>;
    pointer = as_offset<Value>(append(pointer, count * sizeof(Value)));
  };
  pack(road.stop_lines, lines);
  pack(road.red, lines * rows);
  if (road.log_off.begin != nullptr) pack(road.log_off.begin, rows + 1);
  pack(road.log_off.boxes, static_cast<size_t>(road.log_off.num_boxes));
  pack(area.cells, static_cast<size_t>(area.columns) * static_cast<size_t>(area.rows));
  pack(area.mixed, static_cast<size_t>(area.num_mixed));
  pack(area.nearby, static_cast<size_t>(area.num_nearby));
  pack(area.edges, static_cast<size_t>(area.num_edges));
  pack(area.rings, static_cast<size_t>(area.num_rings) + 1);
  pack(area.ring_edges, static_cast<size_t>(area.num_ring_edges));
}

void RolloutPack::pack(const RolloutParams& params, std::span<const WorldView> worlds) {
  bytes_.assign(kAlignment, std::byte{});  // offset 0 stands for an array that is not there
  shared_.clear();
  views_.assign(worlds.begin(), worlds.end());
  const size_t plan_bytes = static_cast<size_t>(params.plan_steps) *
                            plan_columns(params.plan_kind) *
                            static_cast<size_t>(params.padded_plans) * sizeof(float);
  for (WorldView& view : views_) {
    const size_t rows = static_cast<size_t>(view.num_steps) + 1;
    const size_t cells = rows * static_cast<size_t>(view.num_agents);
    const size_t tiles = static_cast<size_t>(view.num_steps / kTileSteps + 1);
    const size_t vertices = static_cast<size_t>(view.path.size) * sizeof(float);
    const size_t segments = vertices - sizeof(float);
    view.circles = as_offset<AgentCircle>(append(view.circles, cells * sizeof(AgentCircle)));
    view.boxes = as_offset<AgentBox>(append(view.boxes, cells * sizeof(AgentBox)));
    view.tile_boxes = as_offset<float>(append(
        view.tile_boxes, tiles * 4 * static_cast<size_t>(view.padded_agents) * sizeof(float)));
    view.path.x = as_offset<float>(append(view.path.x, vertices));
    view.path.y = as_offset<float>(append(view.path.y, vertices));
    view.path.arc_length = as_offset<float>(append(view.path.arc_length, vertices));
    view.path.length = as_offset<float>(append(view.path.length, segments));
    view.path.direction_x = as_offset<float>(append(view.path.direction_x, segments));
    view.path.direction_y = as_offset<float>(append(view.path.direction_y, segments));
    view.past = as_offset<PastPose>(
        append(view.past, 3 * static_cast<size_t>(view.ride_steps) * sizeof(PastPose)));
    pack_road(view.road, rows);
    view.samples = as_offset<PlanSample>(append(view.samples, rows * sizeof(PlanSample)));
    view.plans = as_offset<float>(append_shared(view.plans, plan_bytes));
  }
  views_offset_ = append(views_.data(), views_.size() * sizeof(WorldView));
}

const WorldView* RolloutPack::rebase(const std::byte* base) {
  std::vector<WorldView> rebased = views_;
  for (WorldView& view : rebased) {
    shift(view.circles, base);
    shift(view.boxes, base);
    shift(view.tile_boxes, base);
    shift(view.path.x, base);
    shift(view.path.y, base);
    shift(view.path.arc_length, base);
    shift(view.path.length, base);
    shift(view.path.direction_x, base);
    shift(view.path.direction_y, base);
    shift(view.past, base);
    for_each_road_pointer(view.road, [&](auto*& pointer) { shift(pointer, base); });
    shift(view.samples, base);
    shift(view.plans, base);
  }
  std::memcpy(bytes_.data() + views_offset_, rebased.data(), rebased.size() * sizeof(WorldView));
  return reinterpret_cast<const WorldView*>(base + views_offset_);
}

}  // namespace forkroad
