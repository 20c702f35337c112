// Reads plain Python values (numbers, texts, sequences, arrays) out of dicts that a caller filled,
// and says exactly which one is wrong.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/bindings.hpp"
#include "scenarios/parse_error.hpp"

namespace forkroad::python {

// What Python sees as forkroad.SceneFault, a ValueError with the code of a ParseError.
class SceneFault : public std::invalid_argument {
 public:
  SceneFault(ParseCode code, const std::string& message)
      : std::invalid_argument(message), code_(code) {}
  ParseCode code() const { return code_; }

 private:
  ParseCode code_;
};

using DoubleArray = py::array_t<double, py::array::c_style | py::array::forcecast>;

// A Python value and the words that say where it stands, e.g. "tracks[3].positions".
struct Located {
  py::object value;
  std::string where;

  // Throws SceneFault: where, what the value is, what was expected.
  [[noreturn]] void refuse(std::string_view expected) const;

  bool is_none() const { return value.is_none(); }
  int64_t integer() const;
  int32_t small_integer() const;
  double number() const;  // finite
  bool boolean() const;
  // One line of printable text of at most 256 bytes, empty only if `may_be_empty`.
  std::string text(bool may_be_empty) const;
  // The entries of a list, tuple or one-dimensional array.
  std::vector<Located> items() const;
  std::vector<int64_t> integers() const;
  // Numbers of any real dtype as float64, of one of the given shapes; -1 stands for any extent.
  DoubleArray array(std::initializer_list<Shape> shapes) const;
};

// The entries of one dict. Every entry must be asked for: finish() refuses the others, so that a
// misspelt name is not silently ignored.
class Fields {
 public:
  explicit Fields(const Located& dict);

  const std::string& where() const { return where_; }
  Located get(const char* name);                  // refuses an absent entry
  std::optional<Located> find(const char* name);  // nothing: absent or None
  void finish() const;

 private:
  py::dict dict_;
  std::string where_;
  std::vector<std::string> known_;
};

}  // namespace forkroad::python
