/// A sparse accelerator at 200 MHz on a bench, and samples of its jobs.
#pragma once

#include <map>

#include "models/sparse/sparse_accelerator.h"
#include "tests/support/region_bench.h"

namespace vesper::sparse {

class GivenSamples : public core::JobSamples {
 public:
  [[nodiscard]] std::span<const core::LayerSample> layers(uint32_t job) const override {
    auto it = jobs.find(job);
    return it == jobs.end() ? std::span<const core::LayerSample>{} : it->second;
  }
  [[nodiscard]] const policy::TrueTimes* true_left() const override { return nullptr; }
  std::map<uint32_t, std::vector<core::LayerSample>> jobs;
};

class SparseBench : public test::RegionBench<SparseAccelerator> {
 protected:
  SparseBench() : RegionBench(MHz(200)) {}

  /// An array of one MAC a cycle, fed a byte a cycle, in no time to set up; all that can stays on chip.
  static SparseAccelerator::Properties small() {
    SparseAccelerator::Properties properties;
    properties.macs = 1;
    properties.utilisation = ratio(1);
    properties.pattern_factors = {ratio(1), ratio(1), ratio(1)};
    properties.fixed_memory = {0, ratio(1), ratio(1), ratio(1)};
    properties.activation_buffer = MiB(1);
    properties.weights.width_bits = properties.inputs.width_bits = properties.outputs.width_bits = 128;
    return properties;
  }
  /// The same without any cycles of control.
  static SparseAccelerator::Properties bare() {
    SparseAccelerator::Properties properties = small();
    properties.lookup_cycles = properties.launch_cycles = 0;
    properties.feedback_cycles = properties.interrupt_cycles = 0;
    return properties;
  }

  /// A layer of m x k inputs and m x n outputs, of which half the weights are zero.
  static Layer layer(uint32_t index, uint32_t m, uint32_t k, uint32_t n, bool loads = true,
                     bool stores = true) {
    Layer made;
    made.m = m;
    made.k = k;
    made.n = n;
    made.index = index;
    made.inputs = m * k;
    made.loads_input = loads;
    made.stores_output = stores;
    made.sparsity = {Pattern::random, Ratio{500'000}, Ratio{500'000}};
    return made;
  }
  static Layer unknown(uint32_t index) { return layer(index, 0, 0, 0); }

  /// A task whose regions are a layer each.
  void load_layers(uint32_t task, const std::vector<Layer>& layers) {
    std::vector<std::vector<abi::MetadataEntry>> regions;
    for (const Layer& one : layers) regions.push_back({as_metadata(entry_of(one))});
    load(task, regions);
  }
  /// The samples of a task's jobs; before make().
  std::map<uint32_t, std::vector<core::LayerSample>>& samples_of(uint32_t task) {
    while (environment.tasks.size() <= task) {
      samples_.push_back(std::make_shared<GivenSamples>());
      core::TaskInfo info;
      info.samples = samples_.back();
      environment.tasks.push_back(info);
    }
    return samples_[task]->jobs;
  }

  std::vector<std::shared_ptr<GivenSamples>> samples_;
};

}  // namespace vesper::sparse
