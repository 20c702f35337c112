#include "scenarios/step_arrays.hpp"

#include <utility>

namespace forkroad {
namespace {

constexpr std::size_t kNumFloatArrays = 9;

// Floats that hold all arrays; `valid` takes a quarter of one for each step.
std::size_t block_size(std::size_t steps) {
  return kNumFloatArrays * steps + (steps + sizeof(float) - 1) / sizeof(float);
}

}  // namespace

StepArrays::StepArrays(const StepArrays& other) {
  const std::size_t size = block_size(other.valid.size());
  auto block = std::make_unique_for_overwrite<float[]>(size);
  std::copy_n(other.block_.get(), other.block_ ? size : 0, block.get());
  place(std::move(block), other.valid.size());
}

StepArrays::StepArrays(StepArrays&& other) noexcept {
  place(std::move(other.block_), other.valid.size());
  other.place(nullptr, 0);
}

StepArrays& StepArrays::operator=(StepArrays other) noexcept {
  place(std::move(other.block_), other.valid.size());
  return *this;
}

void StepArrays::resize(int num_steps) {
  const auto steps = static_cast<std::size_t>(num_steps);
  StepArrays resized;
  resized.place(std::make_unique<float[]>(block_size(steps)), steps);
  const std::size_t kept = std::min(steps, valid.size());
  for (auto array : {&StepArrays::x, &StepArrays::y, &StepArrays::z, &StepArrays::heading,
                     &StepArrays::velocity_x, &StepArrays::velocity_y, &StepArrays::length,
                     &StepArrays::width, &StepArrays::height}) {
    std::copy_n((this->*array).data(), kept, (resized.*array).data());
  }
  std::copy_n(valid.data(), kept, resized.valid.data());
  *this = std::move(resized);
}

void StepArrays::resize_for_overwrite(int num_steps) {
  const auto steps = static_cast<std::size_t>(num_steps);
  place(std::make_unique_for_overwrite<float[]>(block_size(steps)), steps);
}

void StepArrays::place(std::unique_ptr<float[]> block, std::size_t steps) {
  block_ = std::move(block);
  float* at = block_.get();
  for (StepArray<float>* array :
       {&x, &y, &z, &heading, &velocity_x, &velocity_y, &length, &width, &height}) {
    array->data_ = at;
    array->size_ = steps;
    at += steps;
  }
  valid.data_ = reinterpret_cast<uint8_t*>(at);
  valid.size_ = steps;
}

}  // namespace forkroad
