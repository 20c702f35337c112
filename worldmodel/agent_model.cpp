#include "worldmodel/agent_model.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "worldmodel/log_replay.hpp"

namespace forkroad {

std::unique_ptr<AgentModel> make_agent_model(std::string_view name) {
  if (name == "log") return std::make_unique<LogReplay>();
  throw std::invalid_argument(
      fmt::format("make_agent_model: unknown agent model '{}', expected one of: log", name));
}

}  // namespace forkroad
