#include "scenarios/crc32c.hpp"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
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
constexpr uint32_t move_past(std::size_t bytes) { return make_power(8 * bytes - 33); }
constexpr uint32_t kPastOneStride = move_past(kStride);
constexpr uint32_t kPastTwoStrides = move_past(2 * kStride);

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

#define FORKROAD_WIDE __attribute__((target("sse4.2,pclmul,avx2,vpclmulqdq")))

// Registers of 32 bytes that the wide form sums side by side, and the fewest bytes that it is
// quicker for.
constexpr std::size_t kWideRegisters = 4;
constexpr std::size_t kWideStride = 32 * kWideRegisters;
constexpr std::size_t kFewestWide = 1024;

FORKROAD_WIDE inline __m256i load_wide(const uint8_t* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

// Both halves of a register moved past zero bytes, each without being reduced: its first 8 bytes
// stand 8 bytes further from the end than its last 8.
template <std::size_t bytes>
FORKROAD_WIDE inline __m256i move_wide(__m256i sum) {
  constexpr int64_t kFirst = move_past(bytes + 8), kLast = move_past(bytes);
  const __m256i powers = _mm256_setr_epi64x(kFirst, kLast, kFirst, kLast);
  return _mm256_xor_si256(_mm256_clmulepi64_epi128(sum, powers, 0x00),
                          _mm256_clmulepi64_epi128(sum, powers, 0x11));
}

// at least kWideStride bytes
FORKROAD_WIDE uint32_t crc32c_wide(std::span<const uint8_t> bytes, uint32_t previous) {
  __m256i sums[kWideRegisters];
  for (std::size_t sum = 0; sum < kWideRegisters; ++sum) {
    sums[sum] = load_wide(bytes.data() + 32 * sum);
  }
  sums[0] = _mm256_xor_si256(
      sums[0], _mm256_zextsi128_si256(_mm_cvtsi32_si128(static_cast<int>(~previous))));
  bytes = bytes.subspan(kWideStride);
  for (; bytes.size() >= kWideStride; bytes = bytes.subspan(kWideStride)) {
    for (std::size_t sum = 0; sum < kWideRegisters; ++sum) {
      sums[sum] =
          _mm256_xor_si256(move_wide<kWideStride>(sums[sum]), load_wide(bytes.data() + 32 * sum));
    }
  }
  __m256i all = sums[0];
  for (std::size_t sum = 1; sum < kWideRegisters; ++sum) {
    all = _mm256_xor_si256(move_wide<32>(all), sums[sum]);
  }
  const __m128i rest =
      _mm_xor_si128(_mm256_castsi256_si128(move_wide<16>(all)), _mm256_extracti128_si256(all, 1));
  uint64_t crc = _mm_crc32_u64(0, static_cast<uint64_t>(_mm_cvtsi128_si64(rest)));
  crc = _mm_crc32_u64(crc, static_cast<uint64_t>(_mm_extract_epi64(rest, 1)));
  return crc32c_sse42(bytes, ~static_cast<uint32_t>(crc));
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
  static const bool is_wide = has_instruction && __builtin_cpu_supports("avx2") != 0 &&
                              __builtin_cpu_supports("vpclmulqdq") != 0;
  if (is_wide && bytes.size() >= kFewestWide) return crc32c_wide(bytes, previous);
  if (has_instruction) return crc32c_sse42(bytes, previous);
#endif
  return crc32c_portable(bytes, previous);
}

}  // namespace forkroad
