/// Networks that share an NPU as in Layerweaver's evaluation (HPCA 2021, section IV-B): a stream of queries
/// each, the next dispatched when one has been scheduled to its end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/lowering/weight_stationary.h"
#include "schedulers/weaving/weaver.h"

namespace vesper::test {

using Layers = std::vector<weaving::Layer>;

/// An NPU of scenarios/platforms, with the networks of scenarios/workloads as it runs them.
class NpuUnderTest {
 public:
  explicit NpuUnderTest(const std::string& file);
  /// Networks are read once for each batch and number of tokens (of transformers).
  const Layers& network(const std::string& file, uint32_t batch, uint32_t tokens);
  [[nodiscard]] const npu::NpuTicks& ticks() const { return ticks_; }

 private:
  npu::NpuProperties properties_;
  npu::NpuTicks ticks_;
  std::map<std::string, Layers> networks_;
};

struct Service {
  uint64_t queries = 0;
  double period = 0;   ///< mean time from one query's end to the next's, in ticks
  double longest = 0;  ///< the longest of those
};

struct Woven {
  std::vector<Service> networks;
  double compute_active = 0;
  double fetch_active = 0;
  uint64_t estimates_off = 0;  ///< layers of which the weaver's t_m or t_c differs from the timeline
  uint64_t layers = 0;
  weaving::Ticks longest_wait = 0;  ///< of a network's next layer, in scheduled time
};

struct Choice {
  std::string weaver;
  std::vector<double> parameters = {};  ///< the defaults, where left out
};

/// Runs until every network has ended `queries` queries after its first, or until four times the time that
/// all of them would take without any overlap: a network that is not served then has a period of 0.
Woven weave(weaving::Ticks buffer, const std::vector<const Layers*>& networks, const Choice& choice,
            uint64_t queries = 24);

/// Time a query of the network when it has the NPU to itself, queries in a row.
double standalone(weaving::Ticks buffer, const Layers& network);

/// The evaluation's networks. NCF as the paper seems to count it, with its tables (README.md).
const std::vector<std::string>& compute_networks();
const std::vector<std::string>& memory_networks();

struct Figures {
  double throughput = 0;  ///< STP: sum of standalone over actual period
  double turnaround = 0;  ///< ANTT: mean of actual over standalone period; infinite if one is not served
  double longest = 0;     ///< the largest slowdown of a query
};
Figures figures(const Woven& woven, const std::vector<double>& alone);

double geometric_mean(const std::vector<double>& values);

struct Setting {
  std::string npu;
  uint32_t batch;
  uint32_t tokens;
};

/// Mixes of networks under one setting, with what each network takes alone.
class Evaluation {
 public:
  explicit Evaluation(const Setting& setting) : setting_(setting), npu_(setting.npu) {}
  using Mix = std::vector<std::string>;

  [[nodiscard]] Woven run(const Mix& mix, const Choice& choice, uint64_t queries = 24);
  [[nodiscard]] Figures figures_of(const Mix& mix, const Woven& woven);
  /// Geometric mean of the throughput over mixes.
  double mean_throughput(const std::vector<Mix>& mixes, const Choice& choice, uint64_t queries = 24);
  /// AI-MT's parameters of largest mean throughput over the mixes, of a grid of both thresholds.
  Choice best_thresholds(const std::vector<Mix>& mixes);
  /// A compute-intensive with a memory-intensive network each: the 16 pairs of figure 14.
  static std::vector<Mix> pairs(const std::vector<std::string>& memory = memory_networks());

 private:
  const Layers& layers(const std::string& network);
  double alone(const std::string& network);

  Setting setting_;
  NpuUnderTest npu_;
  std::map<std::string, double> alone_;
};

}  // namespace vesper::test
