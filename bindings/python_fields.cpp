#include "bindings/python_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace forkroad::python {
namespace {

constexpr size_t kMaxText = 256;  // bytes
constexpr size_t kMaxShown = 60;  // characters of a value that an error shows

std::string type_name(py::handle value) {
  return py::type::of(value).attr("__name__").cast<std::string>();
}

// The value if it is short, else its type: the repr of anything else could be of any length.
std::string describe(py::handle value) {
  if (value.is_none()) return "None";
  const bool is_text = py::isinstance<py::str>(value) && py::len(value) <= kMaxShown;
  const bool is_integer =
      py::isinstance<py::int_>(value) && value.attr("bit_length")().cast<size_t>() <= kMaxShown;
  if (is_text || is_integer || py::isinstance<py::float_>(value)) {
    return py::repr(value).attr("encode")("ascii", "replace").attr("decode")().cast<std::string>();
  }
  return fmt::format("a value of type {}", type_name(value));
}

std::string describe_shape(const Shape& shape, const char* any) {
  std::string text;
  for (const py::ssize_t size : shape) {
    text += (text.empty() ? "" : ", ") + (size < 0 ? std::string(any) : std::to_string(size));
  }
  return "[" + text + "]";
}

bool fits(const Shape& shape, const Shape& expected) {
  return std::equal(shape.begin(), shape.end(), expected.begin(), expected.end(),
                    [](py::ssize_t got, py::ssize_t want) { return want < 0 || got == want; });
}

// The value as an array of whatever dtype, null with no error set if numpy cannot make one.
py::array as_array(const py::object& value) {
  py::array array = py::array::ensure(value);
  PyErr_Clear();
  return array;
}

}  // namespace

void Located::refuse(std::string_view expected) const {
  throw SceneFault(ParseCode::kWrongContent,
                   fmt::format("{} is {}, expected {}", where, describe(value), expected));
}

int64_t Located::integer() const {
  constexpr const char* kExpected = "an integer of 64 bits";
  if (PyIndex_Check(value.ptr()) == 0 || py::isinstance<py::bool_>(value)) refuse(kExpected);
  const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
  int overflow = 0;
  const long long result = number ? PyLong_AsLongLongAndOverflow(number.ptr(), &overflow) : -1;
  if (!number || overflow != 0 || PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    refuse(kExpected);
  }
  return result;
}

int32_t Located::small_integer() const {
  const int64_t number = integer();
  if (number < std::numeric_limits<int32_t>::min() ||
      number > std::numeric_limits<int32_t>::max()) {
    refuse("an integer of 32 bits");
  }
  return static_cast<int32_t>(number);
}

double Located::number() const {
  const double result = PyFloat_AsDouble(value.ptr());
  const bool failed = PyErr_Occurred() != nullptr;
  PyErr_Clear();
  if (failed || !std::isfinite(result)) refuse("a finite number");
  return result;
}

bool Located::boolean() const {
  const bool is_numpy = type_name(value) == "bool" || type_name(value) == "bool_";
  if (!py::isinstance<py::bool_>(value) && !is_numpy) refuse("True or False");
  return PyObject_IsTrue(value.ptr()) == 1;
}

std::string Located::text(bool may_be_empty) const {
  const std::string expected =
      fmt::format("one line of printable text of {} to {} bytes", may_be_empty ? 0 : 1, kMaxText);
  if (!py::isinstance<py::str>(value) || !value.attr("isprintable")().cast<bool>()) {
    refuse(expected);
  }
  // printable text holds no surrogates, so it encodes
  std::string text = value.cast<std::string>();
  if (text.size() > kMaxText || (text.empty() && !may_be_empty)) refuse(expected);
  return text;
}

std::vector<Located> Located::items() const {
  const bool is_list = py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value);
  const bool is_row = py::isinstance<py::array>(value) && value.attr("ndim").cast<int>() == 1;
  if (!is_list && !is_row) refuse("a list");
  std::vector<Located> items;
  for (const py::handle item : value) {
    items.push_back(
        {py::reinterpret_borrow<py::object>(item), fmt::format("{}[{}]", where, items.size())});
  }
  return items;
}

std::vector<int64_t> Located::integers() const {
  std::vector<int64_t> numbers;
  for (const Located& item : items()) numbers.push_back(item.integer());
  return numbers;
}

DoubleArray Located::array(std::initializer_list<Shape> shapes) const {
  std::string expected;
  for (const Shape& shape : shapes) {
    expected += (expected.empty() ? "" : " or ") + describe_shape(shape, "any number");
  }
  const py::array array = as_array(value);
  if (!array || std::string_view("biuf").find(array.dtype().kind()) == std::string_view::npos) {
    refuse("real numbers of shape " + expected);
  }
  const Shape shape(array.shape(), array.shape() + array.ndim());
  if (std::none_of(shapes.begin(), shapes.end(),
                   [&](const Shape& allowed) { return fits(shape, allowed); })) {
    throw SceneFault(ParseCode::kInconsistent, fmt::format("{} has shape {}, expected {}", where,
                                                           describe_shape(shape, ""), expected));
  }
  return DoubleArray(array);
}

Fields::Fields(const Located& dict) : where_(dict.where) {
  if (!py::isinstance<py::dict>(dict.value)) dict.refuse("a dict");
  dict_ = py::reinterpret_borrow<py::dict>(dict.value);
}

std::optional<Located> Fields::find(const char* name) {
  known_.emplace_back(name);
  if (!dict_.contains(name)) return std::nullopt;
  Located found{py::reinterpret_borrow<py::object>(dict_[name]),
                fmt::format("{}.{}", where_, name)};
  if (found.is_none()) return std::nullopt;
  return found;
}

Located Fields::get(const char* name) {
  std::optional<Located> found = find(name);
  if (!found) {
    throw SceneFault(ParseCode::kMissingField, fmt::format("{}.{} is absent", where_, name));
  }
  return std::move(*found);
}

void Fields::finish() const {
  for (const auto& [key, value] : dict_) {
    const bool known = py::isinstance<py::str>(key) &&
                       std::any_of(known_.begin(), known_.end(), [&](const std::string& name) {
                         return py::str(name).equal(key);
                       });
    if (!known) {
      throw SceneFault(ParseCode::kWrongContent,
                       fmt::format("{} has the entry {}, expected only: {}", where_, describe(key),
                                   fmt::join(known_, ", ")));
    }
  }
}

}  // namespace forkroad::python
