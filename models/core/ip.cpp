#include "models/core/ip.h"

#include <fmt/format.h>

#include <stdexcept>

namespace vesper::core {

Endpoint Ip::endpoint(std::string_view name) {
  auto it = endpoints_.find(name);
  if (it != endpoints_.end()) return it->second;
  std::string known;
  for (const std::string& candidate : endpoint_names()) known += (known.empty() ? "" : ", ") + candidate;
  throw std::out_of_range(fmt::format("'{}' has no endpoint '{}'; it has: {}", basename(), name, known));
}

std::vector<std::string> Ip::endpoint_names() const {
  std::vector<std::string> names;
  for (const auto& [name, endpoint] : endpoints_) names.push_back(name);
  return names;
}

void Ip::expose(RegisterPort& bank) {
  bank_ = &bank;
  expose("regs", bank.socket);
}

namespace {

bool join(const Endpoint& from, const Endpoint& to) {
  if (const auto* initiator = std::get_if<InitiatorEndpoint>(&from)) {
    if (const auto* target = std::get_if<TargetEndpoint>(&to)) {
      initiator->bind(*target->socket);
      return true;
    }
  }
  if (auto* const* out = std::get_if<InterruptOut*>(&from)) {
    if (auto* const* in = std::get_if<InterruptIn*>(&to)) {
      (*out)->connect(**in);
      return true;
    }
  }
  return false;
}

}  // namespace

void connect(const Endpoint& a, const Endpoint& b) {
  if (join(a, b) || join(b, a)) return;
  throw std::invalid_argument(
      "these do not fit: join an initiator to a target, or an interrupt output to an input");
}

}  // namespace vesper::core
