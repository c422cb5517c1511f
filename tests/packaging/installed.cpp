#include "tests/packaging/installed.h"

namespace vesper::test {

namespace fs = std::filesystem;

CommandResult run_script(const std::string& script, const fs::path& folder) {
  const std::string prologue = "set -e -o pipefail\nexec 2>&1\nexport PATH=" VESPER_PREFIX
                               "/bin:$PATH\n"
                               "export CMAKE_CXX_COMPILER_LAUNCHER=" VESPER_CXX_LAUNCHER
                               "\n"
                               "export CXXFLAGS=" VESPER_PLUGIN_FLAGS " CMAKE_GENERATOR=Ninja\n";
  return run_program("/bin/bash", {"-c", prologue + script}, folder);
}

fs::path emptied_folder(const std::string& name) {
  const fs::path folder = fs::path(VESPER_BINARY_DIR) / "out-of-tree" / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

}  // namespace vesper::test
