#include "models/cpu/function_trace.h"

#include <algorithm>
#include <limits>

namespace vesper::cpu {

FunctionTrace::FunctionTrace(observe::ObserverHub& observers, const std::string& cpu_name)
    : observers_(observers),
      signal_(observers, {.path = cpu_name + ".function", .group = "cpu", .width = 1, .is_text = true}) {}

void FunctionTrace::load(const ElfImage& image, std::string_view policy_function) {
  names_.assign(1, "?");
  function_of_word_.clear();
  policy_starts_.clear();
  auto functions = image.functions();
  if (functions.empty()) return;
  base_ = functions.front().address & ~uint64_t{3};
  for (const ElfImage::Function& function : functions) {
    if (names_.size() > std::numeric_limits<uint16_t>::max()) break;
    size_t first = (function.address - base_) / 4;
    size_t past = first + (function.size + 3) / 4;
    if (function_of_word_.size() < past) function_of_word_.resize(past, kUnknown);
    std::fill(function_of_word_.begin() + static_cast<std::ptrdiff_t>(first),
              function_of_word_.begin() + static_cast<std::ptrdiff_t>(past),
              static_cast<uint16_t>(names_.size()));
    names_.push_back(function.name);
    if (!policy_function.empty() && function.name == policy_function)
      policy_starts_.push_back(function.address);
  }
}

bool FunctionTrace::wanted() const {
  bool marks = !policy_starts_.empty() && observers_.wants(observe::Topic::mark);
  return marks || signal_.traced() || observers_.wants(observe::Topic::function);
}

void FunctionTrace::enter(uint16_t function, observe::Time at) {
  current_ = function;
  signal_.set(std::string_view(names_[function]), at);
  if (observers_.wants(observe::Topic::function)) observers_.function_entered({names_[function], at});
}

}  // namespace vesper::cpu
