#include "sim/pdm_upload.hpp"

#include <span>
#include <type_traits>

namespace forkroad {
namespace {

size_t align_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

template <class S, class Visit>
void visit_line(PdmLine<S>& line, const Visit& visit) {
  const size_t vertices = static_cast<size_t>(line.size);
  visit(line.x, vertices);
  visit(line.y, vertices);
  visit(line.arc, vertices);
  visit(line.dx, vertices - 1);
  visit(line.dy, vertices - 1);
  visit(line.length, vertices - 1);
  visit(line.length2, vertices - 1);
}

// Calls visit(pointer, count) for every array that the passes read.
template <class S, class Visit>
void visit_inputs(PdmParams<S>& params, const PdmSizes& sizes, size_t num_values,
                  const Visit& visit) {
  PdmView<S>& view = params.view;
  const size_t edges = static_cast<size_t>(sizes.num_edges);
  const size_t polygons = static_cast<size_t>(sizes.num_polygons);
  const size_t objects = static_cast<size_t>(sizes.num_objects);
  const size_t reds = static_cast<size_t>(sizes.num_red);
  const size_t tiles = (kPdmStates + kPdmTileSteps - 1) / kPdmTileSteps;
  visit(view.edge_x, edges);
  visit(view.edge_y, edges);
  visit(view.edges, edges);
  visit(view.edge_begin, polygons + 1);
  visit(view.polygon_flags, polygons);
  visit(view.polygon_bounds, 4 * polygons);
  visit(view.objects, static_cast<size_t>(view.num_frames) * objects);
  visit(view.object_bounds, 4 * tiles * objects);
  visit(view.is_agent, objects);
  visit(view.is_stopped, objects);
  visit(view.red_polygon, reds);
  visit(view.red_on, reds * kPdmStates);
  visit_line(view.line, visit);
  visit_line(params.tracker.line, visit);
  visit(params.tracker.speed_map, static_cast<size_t>(kPdmSteps) * kPdmSteps);
  if (params.tracker.plans != nullptr) visit(params.tracker.plans, num_values);
  if (params.tracker.states != nullptr) visit(params.tracker.states, num_values);
  visit(params.filters, 1);
}

// Where the lists of all warps lie, from `base`; returns their end.
template <class S>
std::byte* place_lists(std::byte* base, const PdmSizes& sizes, size_t warps,
                       PdmWarpLists<S>& lists) {
  const auto place = [&](auto*& pointer, size_t count) {
    using Value = std::remove_reference_t<decltype(*pointer)>;
    pointer = reinterpret_cast<Value*>(base);
    base += align_up(count * sizeof(Value));
  };
  place(lists.polygons, warps * static_cast<size_t>(sizes.num_polygons));
  place(lists.objects, warps * static_cast<size_t>(sizes.num_objects));
  place(lists.segments, warps * static_cast<size_t>(sizes.line_size));
  place(lists.reds, warps * static_cast<size_t>(sizes.num_red));
  place(lists.ignored, warps * 2 * static_cast<size_t>(sizes.num_objects) * kWarpThreads);
  return base;
}

}  // namespace

template <class S>
PdmUpload<S>::PdmUpload(const PdmParams<S>& params, const PdmSizes& sizes, size_t num_values)
    : params_(params), sizes_(sizes), num_values_(num_values) {
  visit_inputs(params_, sizes_, num_values_, [&](auto*& pointer, size_t count) {
    const auto source = std::as_bytes(std::span(pointer, count));
    bytes_.insert(bytes_.end(), source.begin(), source.end());
    bytes_.resize(align_up(bytes_.size()));
  });
  const size_t padded = static_cast<size_t>(params_.padded_plans);
  PdmTables tables = params_.tables;
  visit_pdm_tables(tables, params_.tables, padded, [&](auto*&, auto*& kept, size_t count) {
    if (kept != nullptr) output_bytes_ += align_up(count * sizeof(*kept));
  });
  lists_offset_ = output_bytes_;
  PdmWarpLists<S> lists;
  const std::byte* end =
      place_lists(static_cast<std::byte*>(nullptr), sizes_, padded / kWarpThreads, lists);
  output_bytes_ += static_cast<size_t>(end - static_cast<std::byte*>(nullptr));
}

template <class S>
PdmParams<S> PdmUpload<S>::params(const std::byte* inputs, std::byte* outputs) const {
  PdmParams<S> moved = params_;
  visit_inputs(moved, sizes_, num_values_, [&](auto*& pointer, size_t count) {
    using Pointer = std::remove_reference_t<decltype(pointer)>;
    const size_t size = count * sizeof(*pointer);
    pointer = reinterpret_cast<Pointer>(inputs);
    inputs += align_up(size);
  });
  PdmTables host = params_.tables;
  const size_t padded = static_cast<size_t>(params_.padded_plans);
  visit_pdm_tables(moved.tables, host, padded, [&](auto*& table, auto*& kept, size_t count) {
    using Pointer = std::remove_reference_t<decltype(table)>;
    if (kept == nullptr) return;
    table = reinterpret_cast<Pointer>(outputs);
    outputs += align_up(count * sizeof(*table));
  });
  moved.find_near = nullptr;
  return moved;
}

template <class S>
PdmWarpLists<S> PdmUpload<S>::lists(std::byte* outputs) const {
  PdmWarpLists<S> lists;
  place_lists(outputs + lists_offset_, sizes_,
              static_cast<size_t>(params_.padded_plans) / kWarpThreads, lists);
  return lists;
}

template class PdmUpload<float>;
template class PdmUpload<double>;

}  // namespace forkroad
