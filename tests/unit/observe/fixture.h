/// A folder that is gone after the test, and the words the tests of observers share.
#pragma once

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "platform/observe/run_info.h"

namespace vesper::observe {

constexpr Time ns(Time n) { return n * 1'000; }
constexpr Time us(Time n) { return n * 1'000'000; }
constexpr Time ms(Time n) { return n * 1'000'000'000; }

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "vesper-observe-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

inline RunInfo two_tasks(const std::string& placement = "hardware") {
  RunInfo run;
  run.scenario = "a camera and a lidar share one accelerator";
  run.placement = placement;
  run.policy = "edf";
  run.tasks = {{"camera", ms(4)}, {"lidar", ms(1)}};
  return run;
}

constexpr uint16_t kCamera = 0;
constexpr uint16_t kLidar = 1;

constexpr uint16_t kVision = 0, kQkv = 1, kMlp = 2;
constexpr uint16_t kOnQkv = 0, kOnMlp = 1;

/// One task on a design of two accelerators; a job of it is six visits of each stage.
inline RunInfo two_stages(const std::string& placement = "hardware") {
  RunInfo run;
  run.scenario = "a network on two accelerators";
  run.placement = placement;
  run.policy = "edf";
  run.accelerators = {"qkv", "mlp"};
  run.tasks = {{"vision", ms(4), false, {}, true},
               {"vision.qkv", ms(1), false, RunStage{kVision, "qkv", kOnQkv, 6}},
               {"vision.mlp", ms(2), false, RunStage{kVision, "mlp", kOnMlp, 6}}};
  run.interrupts = {{.release = 50, .feedback = 51}, {.release = 60, .feedback = 61}};
  run.design = RunDesign{{{"vision", "qkv", "qkv", "mlp", 4096, true, us(2), "banks do not fit"},
                          {"vision", "mlp", "mlp", "output", 64, false, 0, ""}},
                         {{"aie", 394, 400}}};
  return run;
}

}  // namespace vesper::observe
