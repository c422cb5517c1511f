#include "platform/scenario/plugin.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace vesper::scenario {

void load_plugin(const std::string& path, const Location& where) {
  // dlopen searches the system's folders for a bare name; a scenario means the file beside it.
  std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  if (dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
    throw InputError(where, fmt::format("cannot load the plug-in '{}': {}", path, dlerror()));
  }
}

}  // namespace vesper::scenario
