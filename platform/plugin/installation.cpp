#include "platform/plugin/installation.h"

#include <dlfcn.h>

#include <filesystem>

namespace vesper::plugin {
namespace {

namespace fs = std::filesystem;

/// Two levels up from lib/libvesper.so, three from lib/x86_64-linux-gnu/libvesper.so.
fs::path find_share() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&shared_file), &info) == 0) return {};
  std::error_code missing;
  fs::path folder = fs::canonical(info.dli_fname, missing).parent_path();
  for (int level = 0; level < 3 && folder.has_relative_path(); ++level) {
    folder = folder.parent_path();
    if (fs::is_directory(folder / "share/vesper", missing)) return folder / "share/vesper";
  }
  return {};
}

}  // namespace

std::string shared_file(const std::string& name) {
  static const fs::path share = find_share();
  std::error_code missing;
  const fs::path file = share / name;
  return !share.empty() && fs::exists(file, missing) ? file.string() : "";
}

}  // namespace vesper::plugin
