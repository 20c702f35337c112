// Numbers in little endian bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace forkroad {

// An unsigned number from the first sizeof(T) bytes, which must be there.
template <class T>
T read_little_endian(std::span<const uint8_t> bytes) {
  T value = 0;
  for (std::size_t byte = 0; byte < sizeof(T); ++byte) {
    value |= static_cast<T>(static_cast<T>(bytes[byte]) << (8 * byte));
  }
  return value;
}

}  // namespace forkroad
