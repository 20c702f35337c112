// CRC-32C (Castagnoli), and the masked form that TFRecord files store.
#pragma once

#include <cstdint>
#include <span>

namespace forkroad {

// Checksum of the bytes; `previous` continues the checksum of the bytes before them. Uses the
// processor's crc32 instruction where there is one, else tables: the same values either way.
uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t previous = 0);

// The table form by itself, for tests and other processors.
uint32_t crc32c_portable(std::span<const uint8_t> bytes, uint32_t previous = 0);

// True if crc32c() uses the processor's instruction on this machine.
bool crc32c_uses_instruction();

// A checksum stored beside its own data must not be its plain CRC: rotated and offset.
constexpr uint32_t mask_crc32c(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

}  // namespace forkroad
