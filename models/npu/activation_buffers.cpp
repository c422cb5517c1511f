#include "models/npu/activation_buffers.h"

#include <algorithm>

namespace vesper::npu {

ActivationBuffers::Swap ActivationBuffers::enter(observe::JobId job) {
  Swap swap;
  auto found = std::ranges::find(on_chip_, job, &Activations::job);
  if (found != on_chip_.end()) {
    std::rotate(found, found + 1, on_chip_.end());
    return swap;
  }
  if (on_chip_.size() == count_) {
    const Activations given_up = on_chip_.front();
    on_chip_.erase(on_chip_.begin());
    in_memory_[given_up.job] = given_up;
    if (given_up.bytes > 0) swap.store = given_up;
  }
  Activations own{job, 0, 0, 0};
  if (auto stored = in_memory_.find(job); stored != in_memory_.end()) {
    own = stored->second;
    if (own.bytes > 0) swap.load = own;
    in_memory_.erase(stored);
  }
  on_chip_.push_back(own);
  return swap;
}

void ActivationBuffers::leave(const Activations& output) {
  auto found = std::ranges::find(on_chip_, output.job, &Activations::job);
  if (found != on_chip_.end()) *found = output;
}

void ActivationBuffers::release(observe::JobId job) {
  std::erase_if(on_chip_, [job](const Activations& buffer) { return buffer.job == job; });
}

}  // namespace vesper::npu
