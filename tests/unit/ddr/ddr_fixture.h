/// A DDR controller with an initiator at each of its ports.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/core/run_report.h"
#include "models/ddr/ddr_controller.h"
#include "tests/unit/ddr/initiator.h"

namespace vesper::ddr::testing {

class DdrFixture : public ::testing::Test {
 protected:
  DdrFixture() {
    environment_.observers = &hub_;
    environment_.requesters = {"camera", "lidar", "logger"};
  }
  void make(const DdrController::Properties& properties = {}) {
    controller_ = std::make_unique<DdrController>("ddr", properties, environment_);
    for (uint32_t i = 0; i < 4; ++i) {
      initiators_.push_back(std::make_unique<Initiator>(("initiator" + std::to_string(i)).c_str()));
      const auto endpoint = controller_->endpoint("port." + std::to_string(i));
      initiators_.back()->socket.bind(*std::get<core::TargetEndpoint>(endpoint).socket);
    }
  }
  void run_for(uint64_t ps) { sc_core::sc_start(core::to_time(ps)); }
  Initiator& initiator(size_t i = 0) { return *initiators_[i]; }
  [[nodiscard]] core::RunReport report() const {
    core::RunReport report;
    report.end_ps = core::now_ps();
    controller_->report(report);
    return report;
  }
  /// The controller's part of summary.json.
  [[nodiscard]] nlohmann::ordered_json summary() const { return report().memory["ddr"][0]; }

  observe::ObserverHub hub_;
  core::Environment environment_;
  std::unique_ptr<DdrController> controller_;
  std::vector<std::unique_ptr<Initiator>> initiators_;
};

}  // namespace vesper::ddr::testing
