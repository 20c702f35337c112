// PufferDrive map files (.bin): one scene per file, little endian, without magic bytes.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "scenarios/decompress.hpp"
#include "scenarios/load_scenes.hpp"

namespace forkroad {

// Layout: i32 objects, i32 roads; an object: i32 type (1 vehicle, 2 pedestrian, 3 cyclist), i32 T,
// f32 x[T] y[T] z[T] vx[T] vy[T] vz[T] heading[T], i32 valid[T], f32 width length height goal[3],
// i32 expert; a road: i32 type (4 lane, 5 line, 6 edge, 7 stop sign, 8 crosswalk, 9 speed bump,
// 10 driveway), i32 n, f32 x[n] y[n] z[n], f32 width length height goal[3], i32 expert.

// True if the start of a file could be one: counts that fit the file's size, and a first object of
// a known type with a believable number of steps. `size` is that of the whole file [bytes].
bool is_pufferdrive_start(std::span<const uint8_t> head, uint64_t size);

// Decodes one scene; the bytes must end where it ends. The format has no clock (steps are taken to
// be 0.1 s), ids (tracks and features are numbered from 0), lane links, lights or ego: the origin
// is the mean of the first valid positions, floored. Scene::assumptions says so. What it returns
// holds to find_scene_fault().
Parsed<Scene> decode_pufferdrive_bin(const PaddedBytes& bytes, const Provenance& where);

// The one scene of a file that was read before.
std::unique_ptr<SceneStream> pufferdrive_bin_stream(WholeFile content, const std::string& file);

}  // namespace forkroad
