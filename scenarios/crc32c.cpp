#include "scenarios/crc32c.hpp"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#endif

namespace forkroad {
namespace {

// reflected form of the Castagnoli polynomial 0x1edc6f41
constexpr uint32_t kPolynomial = 0x82f63b78U;
constexpr std::size_t kSlices = 8;

using SliceTables = std::array<std::array<uint32_t, 256>, kSlices>;

// tables[k][b]: the checksum of byte b followed by k zero bytes
constexpr SliceTables make_tables() {
  SliceTables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = (before >> 8) ^ tables[0][before & 0xffU];
    }
  }
  return tables;
}

constexpr SliceTables kTables = make_tables();

uint32_t add_byte(uint32_t crc, uint8_t byte) {
  return (crc >> 8) ^ kTables[0][(crc ^ byte) & 0xffU];
}

#if defined(__x86_64__)
// Bytes that one chain of instructions covers before three chains are joined; a multiple of 8.
constexpr std::size_t kStride = 128;

// The power x^exponent modulo the polynomial, in the reflected form of a checksum.
constexpr uint32_t make_power(std::size_t exponent) {
  uint32_t power = 1U << 31;
  for (; exponent > 0; --exponent) power = (power >> 1) ^ ((power & 1U) != 0 ? kPolynomial : 0U);
  return power;
}

// A checksum moves past zero bytes by a product with a power of x. The product of two reflected
// numbers and its reduction by the crc32 instruction multiply by x^33 on the way.
constexpr uint32_t kPastOneStride = make_power(8 * kStride - 33);
constexpr uint32_t kPastTwoStrides = make_power(16 * kStride - 33);

__attribute__((target("sse4.2,pclmul"))) uint64_t multiply(uint64_t crc, uint32_t power) {
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(crc)),
                                               _mm_cvtsi64_si128(static_cast<int64_t>(power)), 0);
  return static_cast<uint64_t>(_mm_cvtsi128_si64(product));
}

__attribute__((target("sse4.2,pclmul"))) uint64_t add_word(uint64_t crc, const uint8_t* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return _mm_crc32_u64(crc, word);
}

// the instruction takes 3 cycles, but one can begin in each: three chains run side by side
__attribute__((target("sse4.2,pclmul"))) uint32_t crc32c_sse42(std::span<const uint8_t> bytes,
                                                               uint32_t previous) {
  const uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  uint64_t crc = ~previous;
  for (; left >= 3 * kStride; left -= 3 * kStride, at += 3 * kStride) {
    uint64_t second = 0, third = 0;
    for (std::size_t byte = 0; byte < kStride; byte += 8) {
      crc = add_word(crc, at + byte);
      second = add_word(second, at + kStride + byte);
      third = add_word(third, at + 2 * kStride + byte);
    }
    const uint64_t moved = multiply(crc, kPastTwoStrides) ^ multiply(second, kPastOneStride);
    crc = _mm_crc32_u64(0, moved) ^ third;
  }
  for (; left >= 8; left -= 8, at += 8) crc = add_word(crc, at);
  auto crc32 = static_cast<uint32_t>(crc);
  for (; left > 0; --left, ++at) crc32 = _mm_crc32_u8(crc32, *at);
  return ~crc32;
}
#endif

}  // namespace

uint32_t crc32c_portable(std::span<const uint8_t> bytes, uint32_t previous) {
  const uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  uint32_t crc = ~previous;
  if constexpr (std::endian::native == std::endian::little) {
    for (; left >= 8; left -= 8, at += 8) {
      uint32_t low = 0;
      uint32_t high = 0;
      std::memcpy(&low, at, 4);
      std::memcpy(&high, at + 4, 4);
      low ^= crc;
      crc = kTables[7][low & 0xffU] ^ kTables[6][(low >> 8) & 0xffU] ^
            kTables[5][(low >> 16) & 0xffU] ^ kTables[4][low >> 24] ^ kTables[3][high & 0xffU] ^
            kTables[2][(high >> 8) & 0xffU] ^ kTables[1][(high >> 16) & 0xffU] ^
            kTables[0][high >> 24];
    }
  }
  for (; left > 0; --left, ++at) crc = add_byte(crc, *at);
  return ~crc;
}

bool crc32c_uses_instruction() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
#else
  return false;
#endif
}

uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t previous) {
#if defined(__x86_64__)
  static const bool has_instruction = crc32c_uses_instruction();
  if (has_instruction) return crc32c_sse42(bytes, previous);
#endif
  return crc32c_portable(bytes, previous);
}

}  // namespace forkroad
