#include "platform/lowering/program.h"

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

PassRegistration::PassRegistration(const char* accelerator_type, Pass pass) {
  passes().emplace(accelerator_type, std::move(pass));
}

}  // namespace vesper::lowering
