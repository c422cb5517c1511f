#include "models/scheduler/micro_architecture.h"

#include <algorithm>

namespace vesper::scheduler {

std::vector<MicroArchitectureInfo>& micro_architectures() {
  static std::vector<MicroArchitectureInfo> registered;
  return registered;
}

const MicroArchitectureInfo* find_micro_architecture(const std::string& name) {
  auto it = std::ranges::find(micro_architectures(), name, &MicroArchitectureInfo::name);
  return it == micro_architectures().end() ? nullptr : &*it;
}

}  // namespace vesper::scheduler
