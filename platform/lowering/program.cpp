#include "platform/lowering/program.h"

#include <fmt/format.h>

#include <map>

namespace vesper::lowering {
namespace {
std::map<std::string, Pass>& passes() {
  static std::map<std::string, Pass> all;
  return all;
}
}  // namespace

const Pass* find_pass(const std::string& accelerator_type) {
  auto it = passes().find(accelerator_type);
  return it == passes().end() ? nullptr : &it->second;
}

uint64_t place_tensor(Program& program, unsigned __int128 bytes, uint64_t skew) {
  constexpr uint64_t kAlignment = 4096;
  constexpr unsigned kMemoryBits = 44;  // physical addresses of the Cortex-A72 (its TRM, section 1.2)
  constexpr uint64_t kMostMemory = uint64_t{1} << kMemoryBits;
  const uint64_t at = program.memory_bytes;
  if (bytes > kMostMemory || skew > kMostMemory || at > kMostMemory) {
    throw InputError(fmt::format("the tensors of a network take more memory than 2^{} bytes", kMemoryBits));
  }
  const uint64_t taken = static_cast<uint64_t>(bytes) + skew;
  program.memory_bytes += (taken + kAlignment - 1) / kAlignment * kAlignment;
  return at;
}

PassRegistration::PassRegistration(const char* accelerator_type, Pass pass) {
  passes().emplace(accelerator_type, std::move(pass));
}

}  // namespace vesper::lowering
