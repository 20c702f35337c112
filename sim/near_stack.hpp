// NearStack: what is near to a square of a raster, and on top of it what is near to one of its
// parts, and so on, while the square is divided.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/square_parts.hpp"

namespace forkroad {

class NearStack {
 public:
  // Of the stack: what one square has to ask.
  struct Span {
    size_t begin, end;
    size_t size() const { return end - begin; }
    bool empty() const { return begin == end; }
  };

  // `count` indices from `first` on, for the square that holds everything.
  Span push_all(size_t count, size_t first = 0) {
    const size_t begin = indices_.size();
    for (size_t k = 0; k < count; ++k) indices_.push_back(static_cast<int32_t>(first + k));
    parts_.resize(indices_.size());
    return {begin, indices_.size()};
  }

  // What of a span each part needs: bits 0 to 15 of its elements' parts.
  std::array<Span, kNumParts> push_parts(const Span& of) {
    std::array<size_t, kNumParts> counts = {};
    each_part(of, [&](size_t, size_t part) { ++counts[part]; });
    std::array<Span, kNumParts> spans;
    size_t end = indices_.size();
    for (size_t part = 0; part < kNumParts; ++part) {
      spans[part] = {end, end};
      end += counts[part];
    }
    indices_.resize(end);
    parts_.resize(end);
    each_part(of, [&](size_t k, size_t part) { indices_[spans[part].end++] = indices_[k]; });
    return spans;
  }

  // What of a span has one bit of its parts set.
  Span push_bit(const Span& of, int bit) {
    const size_t begin = indices_.size();
    indices_.resize(begin + of.size());
    size_t end = begin;
    for (size_t k = of.begin; k < of.end; ++k) {
      indices_[end] = indices_[k];
      end += parts_[k] >> bit & 1;
    }
    pop_to(end);
    return {begin, end};
  }

  // Takes off what lies beyond a size.
  void pop_to(size_t size) {
    indices_.resize(size);
    parts_.resize(size);
  }

  size_t size() const { return indices_.size(); }
  // Valid until something is pushed.
  const int32_t* indices(const Span& of) const { return indices_.data() + of.begin; }
  uint32_t* parts(const Span& of) { return parts_.data() + of.begin; }
  // One row of kNumParts per element of a span, for a question about one square.
  float* distances(const Span& of) {
    if (distances_.size() < of.size() * kNumParts) distances_.resize(of.size() * kNumParts);
    return distances_.data();
  }

 private:
  template <class Visit>
  void each_part(const Span& of, Visit visit) const {
    for (size_t k = of.begin; k < of.end; ++k) {
      for (uint32_t left = parts_[k] & 0xffff; left != 0; left &= left - 1) {
        visit(k, static_cast<size_t>(std::countr_zero(left)));
      }
    }
  }

  std::vector<int32_t> indices_;
  std::vector<uint32_t> parts_;
  std::vector<float> distances_;
};

}  // namespace forkroad
