#include "models/core/registry.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace vesper::core {

IpRegistry& IpRegistry::instance() {
  static IpRegistry registry;
  return registry;
}

void IpRegistry::add(IpFactory factory) {
  std::string type = factory.type;
  factory.plugin = plugin_;
  if (factories_.emplace(type, std::move(factory)).second) return;
  const std::string clash = fmt::format("an IP type '{}' is registered already", type);
  if (plugin_.empty()) throw std::logic_error(clash);
  if (clash_.empty()) clash_ = clash;
}

void IpRegistry::begin_plugin(const std::string& plugin) { plugin_ = plugin; }

std::string IpRegistry::end_plugin() {
  plugin_.clear();
  return std::exchange(clash_, "");
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
