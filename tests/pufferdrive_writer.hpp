// Writes PufferDrive map files, for files that tests make up.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

namespace forkroad::test {

struct PufferObject {
  int32_t type = 1;
  std::vector<float> x, y, z, vx, vy, vz, heading;
  std::vector<int32_t> valid;
  float width = 2, length = 4.5f, height = 1.5f;
  int32_t expert = 0;
};

struct PufferRoad {
  int32_t type = 4;
  std::vector<float> x, y, z;
};

struct PufferMap {
  std::vector<PufferObject> objects;
  std::vector<PufferRoad> roads;
};

class PufferWriter {
 public:
  void add(int32_t value) {
    const auto word = static_cast<uint32_t>(value);
    for (int byte = 0; byte < 4; ++byte) bytes_.push_back(static_cast<char>(word >> (8 * byte)));
  }
  void add(float value) { add(std::bit_cast<int32_t>(value)); }
  template <class T>
  void add(const std::vector<T>& values) {
    for (const T value : values) add(value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

inline std::string write_puffer(const PufferMap& map) {
  PufferWriter writer;
  writer.add(static_cast<int32_t>(map.objects.size()));
  writer.add(static_cast<int32_t>(map.roads.size()));
  for (const PufferObject& object : map.objects) {
    writer.add(object.type);
    writer.add(static_cast<int32_t>(object.valid.size()));
    for (const auto* row :
         {&object.x, &object.y, &object.z, &object.vx, &object.vy, &object.vz, &object.heading}) {
      writer.add(*row);
    }
    writer.add(object.valid);
    writer.add(std::vector<float>{object.width, object.length, object.height, 1, 2, 3});
    writer.add(object.expert);
  }
  for (const PufferRoad& road : map.roads) {
    writer.add(road.type);
    writer.add(static_cast<int32_t>(road.x.size()));
    writer.add(road.x);
    writer.add(road.y);
    writer.add(road.z);
    writer.add(std::vector<float>(6, 0.0f));
    writer.add(int32_t{0});
  }
  return writer.bytes();
}

// Two objects, one of them not valid at its first step, and a road of every type.
inline PufferMap small_puffer(int num_steps = 3) {
  PufferMap map;
  for (int32_t type = 1; type <= 2; ++type) {
    PufferObject object;
    object.type = type;
    for (int step = 0; step < num_steps; ++step) {
      const bool valid = type == 1 || step > 0;
      const auto number = [valid](float value) { return valid ? value : -10000.0f; };
      const auto at = static_cast<float>(step);
      object.x.push_back(number(1000.5f + at));
      object.y.push_back(number(-500.25f + 10 * static_cast<float>(type)));
      object.z.push_back(number(3));
      object.vx.push_back(number(10));
      object.vy.push_back(number(0.5f));
      object.vz.push_back(number(0.25f));
      object.heading.push_back(number(0.25f * at));
      object.valid.push_back(valid ? 1 : 0);
    }
    object.expert = type - 1;
    map.objects.push_back(object);
  }
  for (int32_t type = 4; type <= 10; ++type) {
    PufferRoad road{type, {990, 1010, 1010, 990}, {-500, -500, -490, -500}, {3, 3, 3, 3}};
    for (auto* row : {&road.x, &road.y, &road.z}) row->resize(type == 7 ? 1 : 4);
    map.roads.push_back(road);
  }
  return map;
}

}  // namespace forkroad::test
