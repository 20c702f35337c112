// The arrays of a track, one entry per step, in one block of memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace forkroad {

// One of the arrays: a vector whose length only its StepArrays can change.
template <class T>
class StepArray {
 public:
  StepArray() = default;
  StepArray(const StepArray&) = delete;
  StepArray& operator=(const StepArray&) = delete;

  std::size_t size() const { return size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  const T* begin() const { return data_; }
  T* end() { return data_ + size_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::size_t step) { return data_[step]; }
  const T& operator[](std::size_t step) const { return data_[step]; }
  const T& front() const { return data_[0]; }
  const T& back() const { return data_[size_ - 1]; }

  friend bool operator==(const StepArray& a, const StepArray& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }
  friend bool operator==(const StepArray& a, std::span<const T> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  friend struct StepArrays;

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

// All arrays have the same length. Where `valid` is 0 the other entries hold 0 and mean nothing.
struct StepArrays {
  StepArray<float> x, y, z;                // [m] box centre, scene-local
  StepArray<float> heading;                // [rad] in [-pi, pi), counter-clockwise from +x
  StepArray<float> velocity_x;             // [m/s] scene frame
  StepArray<float> velocity_y;             // [m/s]
  StepArray<float> length, width, height;  // [m] true box sizes as labelled at each step
  StepArray<uint8_t> valid;                // 1: observed at this step

  StepArrays() = default;
  StepArrays(const StepArrays& other);
  StepArrays(StepArrays&& other) noexcept;
  StepArrays& operator=(StepArrays other) noexcept;
  ~StepArrays() = default;

  // Keeps the entries of steps that stay; new ones are 0.
  void resize(int num_steps);

  // Leaves all entries unset.
  void resize_for_overwrite(int num_steps);

 private:
  void place(std::unique_ptr<float[]> block, std::size_t steps);

  std::unique_ptr<float[]> block_;  // the arrays one after the other, `valid` last
};

}  // namespace forkroad
