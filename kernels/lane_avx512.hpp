// Lane type: 16 floats and 8 doubles in AVX-512 registers. Host only, never reachable from .cu.
#pragma once

#include <immintrin.h>

#include "kernels/lane.hpp"

#if !defined(__AVX512F__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__)
#error "lane_avx512.hpp needs -mavx512f -mavx512dq -mavx512vl"
#endif

#ifndef FORKROAD_LANE
#define FORKROAD_LANE inline __attribute__((always_inline))
#endif

namespace forkroad {
namespace avx512 {

struct Mask16 {
  __mmask16 v;
};
struct Int16 {
  __m512i v;
};
struct Float16 {
  __m512 v;
  Float16() = default;
  FORKROAD_LANE Float16(float a) : v(_mm512_set1_ps(a)) {}  // NOLINT: broadcast is implicit
  FORKROAD_LANE explicit Float16(__m512 a) : v(a) {}
};

FORKROAD_LANE Float16 operator+(Float16 a, Float16 b) { return Float16(_mm512_add_ps(a.v, b.v)); }
FORKROAD_LANE Float16 operator-(Float16 a, Float16 b) { return Float16(_mm512_sub_ps(a.v, b.v)); }
FORKROAD_LANE Float16 operator*(Float16 a, Float16 b) { return Float16(_mm512_mul_ps(a.v, b.v)); }
FORKROAD_LANE Float16 operator/(Float16 a, Float16 b) { return Float16(_mm512_div_ps(a.v, b.v)); }
FORKROAD_LANE Float16 operator-(Float16 a) {
  return Float16(_mm512_xor_ps(a.v, _mm512_set1_ps(-0.0f)));
}
FORKROAD_LANE Mask16 operator<(Float16 a, Float16 b) {
  return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)};
}
FORKROAD_LANE Mask16 operator<=(Float16 a, Float16 b) {
  return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)};
}
FORKROAD_LANE Mask16 operator>(Float16 a, Float16 b) { return b < a; }
FORKROAD_LANE Mask16 operator>=(Float16 a, Float16 b) { return b <= a; }
FORKROAD_LANE Mask16 operator==(Float16 a, Float16 b) {
  return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)};
}
FORKROAD_LANE Mask16 operator&(Mask16 a, Mask16 b) { return {_kand_mask16(a.v, b.v)}; }
FORKROAD_LANE Mask16 operator|(Mask16 a, Mask16 b) { return {_kor_mask16(a.v, b.v)}; }
FORKROAD_LANE Mask16 exclusive_or(Mask16 a, Mask16 b) { return {_kxor_mask16(a.v, b.v)}; }
FORKROAD_LANE Mask16 operator!(Mask16 a) { return {_knot_mask16(a.v)}; }
FORKROAD_LANE Float16 fma(Float16 a, Float16 b, Float16 c) {
  return Float16(_mm512_fmadd_ps(a.v, b.v, c.v));
}
FORKROAD_LANE Float16 min(Float16 a, Float16 b) { return Float16(_mm512_min_ps(a.v, b.v)); }
FORKROAD_LANE Float16 max(Float16 a, Float16 b) { return Float16(_mm512_max_ps(a.v, b.v)); }
FORKROAD_LANE Float16 abs(Float16 a) { return Float16(_mm512_abs_ps(a.v)); }
FORKROAD_LANE Float16 sqrt(Float16 a) { return Float16(_mm512_sqrt_ps(a.v)); }
FORKROAD_LANE Float16 round_nearest(Float16 a) {
  return Float16(_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
FORKROAD_LANE Float16 select(Mask16 m, Float16 a, Float16 b) {
  return Float16(_mm512_mask_blend_ps(m.v, b.v, a.v));
}
FORKROAD_LANE bool any(Mask16 m) { return m.v != 0; }
FORKROAD_LANE bool all(Mask16 m) { return m.v == 0xffff; }
FORKROAD_LANE uint32_t bits(Mask16 m) { return m.v; }
FORKROAD_LANE Int16 to_int(Float16 a) { return {_mm512_cvttps_epi32(a.v)}; }
FORKROAD_LANE Float16 gather(const float* base, Int16 index) {
  return Float16(_mm512_i32gather_ps(index.v, base, 4));
}
FORKROAD_LANE void store(float* to, Float16 a) { _mm512_storeu_ps(to, a.v); }
FORKROAD_LANE float lane_at(Float16 a, int lane) {
  alignas(64) float lanes[16];
  _mm512_store_ps(lanes, a.v);
  return lanes[lane];
}
// folds halves with packed operations, so that no scalar arithmetic opcode appears
FORKROAD_LANE float reduce_min(Float16 a) {
  const __m256 folded = _mm256_min_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  __m128 half = _mm_min_ps(_mm256_castps256_ps128(folded), _mm256_extractf128_ps(folded, 1));
  half = _mm_min_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_min_ps(half, _mm_movehdup_ps(half)));
}
FORKROAD_LANE float reduce_max(Float16 a) {
  const __m256 folded = _mm256_max_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(folded), _mm256_extractf128_ps(folded, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ps(half, _mm_movehdup_ps(half)));
}

struct Mask8d {
  __mmask8 v;
};
struct Int8d {
  __m256i v;
};
struct Double8 {
  __m512d v;
  Double8() = default;
  FORKROAD_LANE Double8(double a) : v(_mm512_set1_pd(a)) {}  // NOLINT: broadcast is implicit
  FORKROAD_LANE explicit Double8(__m512d a) : v(a) {}
};

FORKROAD_LANE Double8 operator+(Double8 a, Double8 b) { return Double8(_mm512_add_pd(a.v, b.v)); }
FORKROAD_LANE Double8 operator-(Double8 a, Double8 b) { return Double8(_mm512_sub_pd(a.v, b.v)); }
FORKROAD_LANE Double8 operator*(Double8 a, Double8 b) { return Double8(_mm512_mul_pd(a.v, b.v)); }
FORKROAD_LANE Double8 operator/(Double8 a, Double8 b) { return Double8(_mm512_div_pd(a.v, b.v)); }
FORKROAD_LANE Double8 operator-(Double8 a) {
  return Double8(_mm512_xor_pd(a.v, _mm512_set1_pd(-0.0)));
}
FORKROAD_LANE Mask8d operator<(Double8 a, Double8 b) {
  return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LT_OQ)};
}
FORKROAD_LANE Mask8d operator<=(Double8 a, Double8 b) {
  return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LE_OQ)};
}
FORKROAD_LANE Mask8d operator>(Double8 a, Double8 b) { return b < a; }
FORKROAD_LANE Mask8d operator>=(Double8 a, Double8 b) { return b <= a; }
FORKROAD_LANE Mask8d operator==(Double8 a, Double8 b) {
  return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_EQ_OQ)};
}
FORKROAD_LANE Mask8d operator&(Mask8d a, Mask8d b) { return {_kand_mask8(a.v, b.v)}; }
FORKROAD_LANE Mask8d operator|(Mask8d a, Mask8d b) { return {_kor_mask8(a.v, b.v)}; }
FORKROAD_LANE Mask8d exclusive_or(Mask8d a, Mask8d b) { return {_kxor_mask8(a.v, b.v)}; }
FORKROAD_LANE Mask8d operator!(Mask8d a) { return {_knot_mask8(a.v)}; }
FORKROAD_LANE Double8 fma(Double8 a, Double8 b, Double8 c) {
  return Double8(_mm512_fmadd_pd(a.v, b.v, c.v));
}
FORKROAD_LANE Double8 min(Double8 a, Double8 b) { return Double8(_mm512_min_pd(a.v, b.v)); }
FORKROAD_LANE Double8 max(Double8 a, Double8 b) { return Double8(_mm512_max_pd(a.v, b.v)); }
FORKROAD_LANE Double8 abs(Double8 a) { return Double8(_mm512_abs_pd(a.v)); }
FORKROAD_LANE Double8 sqrt(Double8 a) { return Double8(_mm512_sqrt_pd(a.v)); }
FORKROAD_LANE Double8 round_nearest(Double8 a) {
  return Double8(_mm512_roundscale_pd(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
FORKROAD_LANE Double8 select(Mask8d m, Double8 a, Double8 b) {
  return Double8(_mm512_mask_blend_pd(m.v, b.v, a.v));
}
FORKROAD_LANE bool any(Mask8d m) { return m.v != 0; }
FORKROAD_LANE bool all(Mask8d m) { return m.v == 0xff; }
FORKROAD_LANE uint32_t bits(Mask8d m) { return m.v; }
FORKROAD_LANE Int8d to_int(Double8 a) { return {_mm512_cvttpd_epi32(a.v)}; }
FORKROAD_LANE Double8 gather(const float* base, Int8d index) {
  return Double8(_mm512_cvtps_pd(_mm256_i32gather_ps(base, index.v, 4)));
}
FORKROAD_LANE Double8 gather(const double* base, Int8d index) {
  return Double8(_mm512_i32gather_pd(index.v, base, 8));
}
FORKROAD_LANE void store(double* to, Double8 a) { _mm512_storeu_pd(to, a.v); }
FORKROAD_LANE void store(float* to, Double8 a) { _mm256_storeu_ps(to, _mm512_cvtpd_ps(a.v)); }
FORKROAD_LANE double lane_at(Double8 a, int lane) {
  alignas(64) double lanes[8];
  _mm512_store_pd(lanes, a.v);
  return lanes[lane];
}
FORKROAD_LANE double reduce_min(Double8 a) {
  const __m256d folded = _mm256_min_pd(_mm512_castpd512_pd256(a.v), _mm512_extractf64x4_pd(a.v, 1));
  const __m128d half = _mm_min_pd(_mm256_castpd256_pd128(folded), _mm256_extractf128_pd(folded, 1));
  return _mm_cvtsd_f64(_mm_min_pd(half, _mm_unpackhi_pd(half, half)));
}
FORKROAD_LANE double reduce_max(Double8 a) {
  const __m256d folded = _mm256_max_pd(_mm512_castpd512_pd256(a.v), _mm512_extractf64x4_pd(a.v, 1));
  const __m128d half = _mm_max_pd(_mm256_castpd256_pd128(folded), _mm256_extractf128_pd(folded, 1));
  return _mm_cvtsd_f64(_mm_max_pd(half, _mm_unpackhi_pd(half, half)));
}

}  // namespace avx512

template <>
struct LaneTraits<avx512::Float16> {
  using Scalar = float;
  using Mask = avx512::Mask16;
  using Int = avx512::Int16;
  static constexpr int kWidth = 16;
};

template <>
struct LaneLoad<avx512::Float16> {
  FORKROAD_LANE static avx512::Float16 load(const float* from) {
    return avx512::Float16(_mm512_loadu_ps(from));
  }
  FORKROAD_LANE static avx512::Float16 from_int(avx512::Int16 a) {
    return avx512::Float16(_mm512_cvtepi32_ps(a.v));
  }
  FORKROAD_LANE static avx512::Float16 ramp() {
    return avx512::Float16(_mm512_setr_ps(0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f, 8.0f,
                                          9.0f, 10.0f, 11.0f, 12.0f, 13.0f, 14.0f, 15.0f));
  }
  FORKROAD_LANE static avx512::Mask16 first(int count) {
    return {count >= 16 ? static_cast<__mmask16>(0xffff)
                        : static_cast<__mmask16>((1u << (count < 0 ? 0 : count)) - 1u)};
  }
};

template <>
struct LaneTraits<avx512::Double8> {
  using Scalar = double;
  using Mask = avx512::Mask8d;
  using Int = avx512::Int8d;
  static constexpr int kWidth = 8;
};

template <>
struct LaneLoad<avx512::Double8> {
  FORKROAD_LANE static avx512::Double8 load(const double* from) {
    return avx512::Double8(_mm512_loadu_pd(from));
  }
  FORKROAD_LANE static avx512::Double8 load(const float* from) {
    return avx512::Double8(_mm512_cvtps_pd(_mm256_loadu_ps(from)));
  }
  FORKROAD_LANE static avx512::Double8 from_int(avx512::Int8d a) {
    return avx512::Double8(_mm512_cvtepi32_pd(a.v));
  }
  FORKROAD_LANE static avx512::Double8 ramp() {
    return avx512::Double8(_mm512_setr_pd(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0));
  }
  FORKROAD_LANE static avx512::Mask8d first(int count) {
    return {count >= 8 ? static_cast<__mmask8>(0xff)
                       : static_cast<__mmask8>((1u << (count < 0 ? 0 : count)) - 1u)};
  }
};

}  // namespace forkroad
