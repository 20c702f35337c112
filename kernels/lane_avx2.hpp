// Lane type: 8 floats and 4 doubles in AVX2 + FMA registers. Host only, never reachable from .cu.
#pragma once

#include <immintrin.h>

#include "kernels/lane.hpp"

#if !defined(__AVX2__) || !defined(__FMA__)
#error "lane_avx2.hpp needs -mavx2 -mfma"
#endif

#define FORKROAD_LANE inline __attribute__((always_inline))

namespace forkroad {
namespace avx2 {

struct Mask8 {
  __m256 v;
};
struct Int8 {
  __m256i v;
};
struct Float8 {
  __m256 v;
  Float8() = default;
  FORKROAD_LANE Float8(float a) : v(_mm256_set1_ps(a)) {}  // NOLINT: broadcast is implicit
  FORKROAD_LANE explicit Float8(__m256 a) : v(a) {}
};

FORKROAD_LANE Float8 operator+(Float8 a, Float8 b) { return Float8(_mm256_add_ps(a.v, b.v)); }
FORKROAD_LANE Float8 operator-(Float8 a, Float8 b) { return Float8(_mm256_sub_ps(a.v, b.v)); }
FORKROAD_LANE Float8 operator*(Float8 a, Float8 b) { return Float8(_mm256_mul_ps(a.v, b.v)); }
FORKROAD_LANE Float8 operator/(Float8 a, Float8 b) { return Float8(_mm256_div_ps(a.v, b.v)); }
FORKROAD_LANE Float8 operator-(Float8 a) {
  return Float8(_mm256_xor_ps(a.v, _mm256_set1_ps(-0.0f)));
}
FORKROAD_LANE Mask8 operator<(Float8 a, Float8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
FORKROAD_LANE Mask8 operator<=(Float8 a, Float8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
FORKROAD_LANE Mask8 operator>(Float8 a, Float8 b) { return b < a; }
FORKROAD_LANE Mask8 operator>=(Float8 a, Float8 b) { return b <= a; }
FORKROAD_LANE Mask8 operator==(Float8 a, Float8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)}; }
FORKROAD_LANE Mask8 operator&(Mask8 a, Mask8 b) { return {_mm256_and_ps(a.v, b.v)}; }
FORKROAD_LANE Mask8 operator|(Mask8 a, Mask8 b) { return {_mm256_or_ps(a.v, b.v)}; }
FORKROAD_LANE Mask8 exclusive_or(Mask8 a, Mask8 b) { return {_mm256_xor_ps(a.v, b.v)}; }
FORKROAD_LANE Mask8 operator!(Mask8 a) {
  return {_mm256_xor_ps(a.v, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))};
}
FORKROAD_LANE Float8 fma(Float8 a, Float8 b, Float8 c) {
  return Float8(_mm256_fmadd_ps(a.v, b.v, c.v));
}
FORKROAD_LANE Float8 min(Float8 a, Float8 b) { return Float8(_mm256_min_ps(a.v, b.v)); }
FORKROAD_LANE Float8 max(Float8 a, Float8 b) { return Float8(_mm256_max_ps(a.v, b.v)); }
FORKROAD_LANE Float8 abs(Float8 a) { return Float8(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)); }
FORKROAD_LANE Float8 sqrt(Float8 a) { return Float8(_mm256_sqrt_ps(a.v)); }
FORKROAD_LANE Float8 round_nearest(Float8 a) {
  return Float8(_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
FORKROAD_LANE Float8 select(Mask8 m, Float8 a, Float8 b) {
  return Float8(_mm256_blendv_ps(b.v, a.v, m.v));
}
FORKROAD_LANE bool any(Mask8 m) { return _mm256_movemask_ps(m.v) != 0; }
FORKROAD_LANE bool all(Mask8 m) { return _mm256_movemask_ps(m.v) == 0xff; }
FORKROAD_LANE uint32_t bits(Mask8 m) { return static_cast<uint32_t>(_mm256_movemask_ps(m.v)); }
FORKROAD_LANE Int8 to_int(Float8 a) { return {_mm256_cvttps_epi32(a.v)}; }
FORKROAD_LANE Float8 gather(const float* base, Int8 index) {
  return Float8(_mm256_i32gather_ps(base, index.v, 4));
}
FORKROAD_LANE void store(float* to, Float8 a) { _mm256_storeu_ps(to, a.v); }
FORKROAD_LANE float lane_at(Float8 a, int lane) {
  alignas(32) float lanes[8];
  _mm256_store_ps(lanes, a.v);
  return lanes[lane];
}
// folds halves with packed operations, so that no scalar arithmetic opcode appears
FORKROAD_LANE float reduce_min(Float8 a) {
  __m128 half = _mm_min_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  half = _mm_min_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_min_ps(half, _mm_movehdup_ps(half)));
}
FORKROAD_LANE float reduce_max(Float8 a) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ps(half, _mm_movehdup_ps(half)));
}

struct Mask4 {
  __m256d v;
};
struct Int4 {
  __m128i v;
};
struct Double4 {
  __m256d v;
  Double4() = default;
  FORKROAD_LANE Double4(double a) : v(_mm256_set1_pd(a)) {}  // NOLINT: broadcast is implicit
  FORKROAD_LANE explicit Double4(__m256d a) : v(a) {}
};

FORKROAD_LANE Double4 operator+(Double4 a, Double4 b) { return Double4(_mm256_add_pd(a.v, b.v)); }
FORKROAD_LANE Double4 operator-(Double4 a, Double4 b) { return Double4(_mm256_sub_pd(a.v, b.v)); }
FORKROAD_LANE Double4 operator*(Double4 a, Double4 b) { return Double4(_mm256_mul_pd(a.v, b.v)); }
FORKROAD_LANE Double4 operator/(Double4 a, Double4 b) { return Double4(_mm256_div_pd(a.v, b.v)); }
FORKROAD_LANE Double4 operator-(Double4 a) {
  return Double4(_mm256_xor_pd(a.v, _mm256_set1_pd(-0.0)));
}
FORKROAD_LANE Mask4 operator<(Double4 a, Double4 b) {
  return {_mm256_cmp_pd(a.v, b.v, _CMP_LT_OQ)};
}
FORKROAD_LANE Mask4 operator<=(Double4 a, Double4 b) {
  return {_mm256_cmp_pd(a.v, b.v, _CMP_LE_OQ)};
}
FORKROAD_LANE Mask4 operator>(Double4 a, Double4 b) { return b < a; }
FORKROAD_LANE Mask4 operator>=(Double4 a, Double4 b) { return b <= a; }
FORKROAD_LANE Mask4 operator==(Double4 a, Double4 b) {
  return {_mm256_cmp_pd(a.v, b.v, _CMP_EQ_OQ)};
}
FORKROAD_LANE Mask4 operator&(Mask4 a, Mask4 b) { return {_mm256_and_pd(a.v, b.v)}; }
FORKROAD_LANE Mask4 operator|(Mask4 a, Mask4 b) { return {_mm256_or_pd(a.v, b.v)}; }
FORKROAD_LANE Mask4 exclusive_or(Mask4 a, Mask4 b) { return {_mm256_xor_pd(a.v, b.v)}; }
FORKROAD_LANE Mask4 operator!(Mask4 a) {
  return {_mm256_xor_pd(a.v, _mm256_castsi256_pd(_mm256_set1_epi32(-1)))};
}
FORKROAD_LANE Double4 fma(Double4 a, Double4 b, Double4 c) {
  return Double4(_mm256_fmadd_pd(a.v, b.v, c.v));
}
FORKROAD_LANE Double4 min(Double4 a, Double4 b) { return Double4(_mm256_min_pd(a.v, b.v)); }
FORKROAD_LANE Double4 max(Double4 a, Double4 b) { return Double4(_mm256_max_pd(a.v, b.v)); }
FORKROAD_LANE Double4 abs(Double4 a) {
  return Double4(_mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v));
}
FORKROAD_LANE Double4 sqrt(Double4 a) { return Double4(_mm256_sqrt_pd(a.v)); }
FORKROAD_LANE Double4 round_nearest(Double4 a) {
  return Double4(_mm256_round_pd(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
FORKROAD_LANE Double4 select(Mask4 m, Double4 a, Double4 b) {
  return Double4(_mm256_blendv_pd(b.v, a.v, m.v));
}
FORKROAD_LANE bool any(Mask4 m) { return _mm256_movemask_pd(m.v) != 0; }
FORKROAD_LANE bool all(Mask4 m) { return _mm256_movemask_pd(m.v) == 0xf; }
FORKROAD_LANE uint32_t bits(Mask4 m) { return static_cast<uint32_t>(_mm256_movemask_pd(m.v)); }
FORKROAD_LANE Int4 to_int(Double4 a) { return {_mm256_cvttpd_epi32(a.v)}; }
FORKROAD_LANE Double4 gather(const float* base, Int4 index) {
  return Double4(_mm256_cvtps_pd(_mm_i32gather_ps(base, index.v, 4)));
}
FORKROAD_LANE Double4 gather(const double* base, Int4 index) {
  // the masked form: g++ 12 warns about the undefined source operand of the plain one
  const __m256d every = _mm256_castsi256_pd(_mm256_set1_epi64x(-1));
  return Double4(_mm256_mask_i32gather_pd(_mm256_setzero_pd(), base, index.v, every, 8));
}
FORKROAD_LANE void store(double* to, Double4 a) { _mm256_storeu_pd(to, a.v); }
FORKROAD_LANE void store(float* to, Double4 a) { _mm_storeu_ps(to, _mm256_cvtpd_ps(a.v)); }
FORKROAD_LANE double lane_at(Double4 a, int lane) {
  alignas(32) double lanes[4];
  _mm256_store_pd(lanes, a.v);
  return lanes[lane];
}
FORKROAD_LANE double reduce_min(Double4 a) {
  __m128d half = _mm_min_pd(_mm256_castpd256_pd128(a.v), _mm256_extractf128_pd(a.v, 1));
  return _mm_cvtsd_f64(_mm_min_pd(half, _mm_unpackhi_pd(half, half)));
}
FORKROAD_LANE double reduce_max(Double4 a) {
  __m128d half = _mm_max_pd(_mm256_castpd256_pd128(a.v), _mm256_extractf128_pd(a.v, 1));
  return _mm_cvtsd_f64(_mm_max_pd(half, _mm_unpackhi_pd(half, half)));
}

}  // namespace avx2

template <>
struct LaneTraits<avx2::Float8> {
  using Scalar = float;
  using Mask = avx2::Mask8;
  using Int = avx2::Int8;
  static constexpr int kWidth = 8;
};

template <>
struct LaneLoad<avx2::Float8> {
  FORKROAD_LANE static avx2::Float8 load(const float* from) {
    return avx2::Float8(_mm256_loadu_ps(from));
  }
  FORKROAD_LANE static avx2::Float8 from_int(avx2::Int8 a) {
    return avx2::Float8(_mm256_cvtepi32_ps(a.v));
  }
  FORKROAD_LANE static avx2::Float8 ramp() {
    return avx2::Float8(_mm256_setr_ps(0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f));
  }
  FORKROAD_LANE static avx2::Mask8 first(int count) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return {_mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(count), lane))};
  }
};

template <>
struct LaneTraits<avx2::Double4> {
  using Scalar = double;
  using Mask = avx2::Mask4;
  using Int = avx2::Int4;
  static constexpr int kWidth = 4;
};

template <>
struct LaneLoad<avx2::Double4> {
  FORKROAD_LANE static avx2::Double4 load(const double* from) {
    return avx2::Double4(_mm256_loadu_pd(from));
  }
  FORKROAD_LANE static avx2::Double4 load(const float* from) {
    return avx2::Double4(_mm256_cvtps_pd(_mm_loadu_ps(from)));
  }
  FORKROAD_LANE static avx2::Double4 from_int(avx2::Int4 a) {
    return avx2::Double4(_mm256_cvtepi32_pd(a.v));
  }
  FORKROAD_LANE static avx2::Double4 ramp() {
    return avx2::Double4(_mm256_setr_pd(0.0, 1.0, 2.0, 3.0));
  }
  FORKROAD_LANE static avx2::Mask4 first(int count) {
    const __m256i lane = _mm256_setr_epi64x(0, 1, 2, 3);
    return {_mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_set1_epi64x(count), lane))};
  }
};

}  // namespace forkroad
