// Lane type: two registers that act as one, so that 16 lanes exist where registers hold 8.
#pragma once

#include "kernels/lane.hpp"

#ifndef FORKROAD_LANE
#define FORKROAD_LANE inline __attribute__((always_inline))
#endif

namespace forkroad {

template <class H>
struct MaskPair {
  MaskOf<H> low, high;
};
template <class H>
struct IntPair {
  IntOf<H> low, high;
};

template <class H>
struct Pair {
  H low, high;
  Pair() = default;
  FORKROAD_LANE Pair(ScalarOf<H> a) : low(a), high(a) {}  // NOLINT: broadcast is implicit
  FORKROAD_LANE Pair(H a, H b) : low(a), high(b) {}

  friend FORKROAD_LANE Pair operator+(Pair a, Pair b) { return {a.low + b.low, a.high + b.high}; }
  friend FORKROAD_LANE Pair operator-(Pair a, Pair b) { return {a.low - b.low, a.high - b.high}; }
  friend FORKROAD_LANE Pair operator*(Pair a, Pair b) { return {a.low * b.low, a.high * b.high}; }
  friend FORKROAD_LANE Pair operator/(Pair a, Pair b) { return {a.low / b.low, a.high / b.high}; }
  friend FORKROAD_LANE Pair operator-(Pair a) { return {-a.low, -a.high}; }
  friend FORKROAD_LANE MaskPair<H> operator<(Pair a, Pair b) {
    return {a.low < b.low, a.high < b.high};
  }
  friend FORKROAD_LANE MaskPair<H> operator<=(Pair a, Pair b) {
    return {a.low <= b.low, a.high <= b.high};
  }
  friend FORKROAD_LANE MaskPair<H> operator>(Pair a, Pair b) { return b < a; }
  friend FORKROAD_LANE MaskPair<H> operator>=(Pair a, Pair b) { return b <= a; }
  friend FORKROAD_LANE MaskPair<H> operator==(Pair a, Pair b) {
    return {a.low == b.low, a.high == b.high};
  }
  friend FORKROAD_LANE Pair fma(Pair a, Pair b, Pair c) {
    return {fma(a.low, b.low, c.low), fma(a.high, b.high, c.high)};
  }
  friend FORKROAD_LANE Pair min(Pair a, Pair b) { return {min(a.low, b.low), min(a.high, b.high)}; }
  friend FORKROAD_LANE Pair max(Pair a, Pair b) { return {max(a.low, b.low), max(a.high, b.high)}; }
  friend FORKROAD_LANE Pair abs(Pair a) { return {abs(a.low), abs(a.high)}; }
  friend FORKROAD_LANE Pair sqrt(Pair a) { return {sqrt(a.low), sqrt(a.high)}; }
  friend FORKROAD_LANE Pair round_nearest(Pair a) {
    return {round_nearest(a.low), round_nearest(a.high)};
  }
  friend FORKROAD_LANE IntPair<H> to_int(Pair a) { return {to_int(a.low), to_int(a.high)}; }
  friend FORKROAD_LANE ScalarOf<H> reduce_min(Pair a) { return reduce_min(min(a.low, a.high)); }
  friend FORKROAD_LANE ScalarOf<H> reduce_max(Pair a) { return reduce_max(max(a.low, a.high)); }
  friend FORKROAD_LANE ScalarOf<H> lane_at(Pair a, int lane) {
    return lane < kWidthOf<H> ? lane_at(a.low, lane) : lane_at(a.high, lane - kWidthOf<H>);
  }
  template <class Memory>
  friend FORKROAD_LANE void store(Memory* to, Pair a) {
    store(to, a.low);
    store(to + kWidthOf<H>, a.high);
  }
};

template <class H>
FORKROAD_LANE MaskPair<H> operator&(MaskPair<H> a, MaskPair<H> b) {
  return {a.low & b.low, a.high & b.high};
}
template <class H>
FORKROAD_LANE MaskPair<H> operator|(MaskPair<H> a, MaskPair<H> b) {
  return {a.low | b.low, a.high | b.high};
}
template <class H>
FORKROAD_LANE MaskPair<H> exclusive_or(MaskPair<H> a, MaskPair<H> b) {
  return {exclusive_or(a.low, b.low), exclusive_or(a.high, b.high)};
}
template <class H>
FORKROAD_LANE MaskPair<H> operator!(MaskPair<H> a) {
  return {!a.low, !a.high};
}
template <class H>
FORKROAD_LANE Pair<H> select(MaskPair<H> m, Pair<H> a, Pair<H> b) {
  return {select(m.low, a.low, b.low), select(m.high, a.high, b.high)};
}
template <class H>
FORKROAD_LANE bool any(MaskPair<H> m) {
  return any(m.low | m.high);
}
template <class H>
FORKROAD_LANE bool all(MaskPair<H> m) {
  return all(m.low & m.high);
}
template <class H>
FORKROAD_LANE uint32_t bits(MaskPair<H> m) {
  return bits(m.low) | (bits(m.high) << kWidthOf<H>);
}
template <class H, class Memory>
FORKROAD_LANE Pair<H> gather(const Memory* base, IntPair<H> index) {
  return {gather(base, index.low), gather(base, index.high)};
}

template <class H>
struct LaneTraits<Pair<H>> {
  using Scalar = ScalarOf<H>;
  using Mask = MaskPair<H>;
  using Int = IntPair<H>;
  static constexpr int kWidth = 2 * kWidthOf<H>;
};

template <class H>
struct LaneLoad<Pair<H>> {
  template <class Memory>
  FORKROAD_LANE static Pair<H> load(const Memory* from) {
    return {LaneLoad<H>::load(from), LaneLoad<H>::load(from + kWidthOf<H>)};
  }
  FORKROAD_LANE static Pair<H> from_int(IntPair<H> a) {
    return {LaneLoad<H>::from_int(a.low), LaneLoad<H>::from_int(a.high)};
  }
  FORKROAD_LANE static Pair<H> ramp() {
    return {LaneLoad<H>::ramp(), LaneLoad<H>::ramp() + H(ScalarOf<H>(kWidthOf<H>))};
  }
  FORKROAD_LANE static MaskPair<H> first(int count) {
    return {LaneLoad<H>::first(count), LaneLoad<H>::first(count - kWidthOf<H>)};
  }
};

}  // namespace forkroad
