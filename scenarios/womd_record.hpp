// Internal to the WOMD decoder: the record boundary, where failures become located errors.
#pragma once

#include <functional>
#include <span>

#include "scenarios/parse_error.hpp"
#include "scenarios/scene.hpp"
#include "scenarios/womd_wire.hpp"

namespace forkroad::womd {

// Runs a decoder over one payload. Whatever it throws becomes an error at the place that the
// trace or the failure names, counted from `where.byte_offset`. `message` is the name of the
// outermost message.
Parsed<Scene> decode_record(std::span<const uint8_t> payload, const Provenance& where,
                            const char* message,
                            const std::function<Scene(Bytes, WireTrace&)>& decode);

// Throws the failure of an id that may not stand as a scene's.
void check_id(Bytes id, const char* field);

}  // namespace forkroad::womd
