/// The controller against DRAMsim3, point by point, and against AMD's figures. The data and their origin
/// stand in ddr.json beside this file.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/conformance/ddr/measure.h"

namespace vesper::ddr {
namespace {

using testing::measure;
using testing::Measured;
using testing::traffic_named;

nlohmann::json reference() {
  std::ifstream in(VESPER_SOURCE_DIR "/tests/conformance/ddr/ddr.json");
  return nlohmann::json::parse(in);
}

double relative(double measured, double expected) { return std::abs(measured / expected - 1); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

TEST(DdrAgainstDramsim3, BandwidthAndLatencyOfEveryPoint) {
  std::vector<double> bandwidth;
  std::vector<double> latency;
  const nlohmann::json data = reference();
  for (const nlohmann::json& point : data["points"]) {
    ControllerSettings settings;
    settings.policy = "frfcfs-drain";
    settings.map = point["map"];
    settings.outstanding = point["window"];
    const auto controller = make_controller(Part{}, settings);
    const std::string name = point["traffic"];
    const Measured measured = measure(*controller, traffic_named(name), point["n"]);
    bandwidth.push_back(relative(measured.bus_utilisation, point["bus_util"]));
    latency.push_back(relative(measured.read_latency, point["lat_cycles"]));
    const std::string what = name + " " + settings.map + " window " + std::to_string(settings.outstanding);
    EXPECT_LT(bandwidth.back(), 0.03) << what << ": " << measured.bus_utilisation;
    EXPECT_LT(latency.back(), 0.03) << what << ": " << measured.read_latency;
  }
  ASSERT_GE(bandwidth.size(), 49U);
  EXPECT_LT(median(bandwidth), 0.005);
  EXPECT_LT(median(latency), 0.005);
  RecordProperty("worst_bandwidth", std::to_string(*std::max_element(bandwidth.begin(), bandwidth.end())));
  RecordProperty("worst_latency", std::to_string(*std::max_element(latency.begin(), latency.end())));
}

TEST(DdrAgainstAmd, OneLinearReader) {
  const nlohmann::json data = reference();
  ASSERT_EQ(data["amd_pg313_percent"].size(), 2U);
  for (const nlohmann::json& point : data["amd_pg313_percent"]) {
    ControllerSettings settings;
    settings.policy = "versal";
    settings.map = point["map"];
    settings.response_clocks = 22 + 2 * 8;  // PHY and response pipeline: the defaults of DdrController
    const auto controller = make_controller(Part{}, settings);
    const Measured measured = measure(*controller, testing::sequential(false), 200'000);
    EXPECT_NEAR(100 * measured.bus_utilisation, point["percent"], 3) << settings.map;
  }
}

}  // namespace
}  // namespace vesper::ddr
