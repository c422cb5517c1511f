#include "platform/workload/arrival.h"

#include <algorithm>

namespace vesper::workload {

std::vector<ArrivalFactory>& arrival_processes() {
  static std::vector<ArrivalFactory> registered;
  return registered;
}

const ArrivalFactory* find_arrival_process(const std::string& name) {
  auto it = std::ranges::find(arrival_processes(), name, &ArrivalFactory::name);
  return it == arrival_processes().end() ? nullptr : &*it;
}

}  // namespace vesper::workload
