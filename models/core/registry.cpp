#include "models/core/registry.h"

#include <fmt/format.h>

#include <stdexcept>

namespace vesper::core {

IpRegistry& IpRegistry::instance() {
  static IpRegistry registry;
  return registry;
}

void IpRegistry::add(IpFactory factory) {
  std::string type = factory.type;
  if (!factories_.emplace(type, std::move(factory)).second) {
    throw std::logic_error(fmt::format("an IP type '{}' is registered already", type));
  }
}

const IpFactory* IpRegistry::find(const std::string& type) const {
  auto it = factories_.find(type);
  return it == factories_.end() ? nullptr : &it->second;
}

std::vector<std::string> IpRegistry::types() const {
  std::vector<std::string> names;
  for (const auto& [type, factory] : factories_) names.push_back(type);
  return names;
}

}  // namespace vesper::core
