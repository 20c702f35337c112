// Internal to the decoders: how trouble leaves them.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "scenarios/parse_error.hpp"

namespace forkroad {

// Leaves a decoder for the record boundary, where it becomes a ParseError.
class DecodeFailure : public std::exception {
 public:
  DecodeFailure(ParseCode code, const char* at, std::string message)
      : code_(code), at_(at), message_(std::move(message)) {}

  ParseCode code() const { return code_; }
  const char* at() const { return at_; }  // where in the payload the trouble starts
  const std::string& message() const { return message_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ParseCode code_;
  const char* at_;
  std::string message_;
};

}  // namespace forkroad
