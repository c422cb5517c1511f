/// An NPU whose bytes and cycles both take a nanosecond, with an initiator on its registers and a log of what
/// it tells. 1 KiB of weight buffer.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "models/npu/npu.h"
#include "tests/support/observer_log.h"
#include "tests/support/stimulus.h"

namespace vesper::npu {

/// An operation of a layer, from start to end in nanoseconds.
struct Span {
  uint32_t layer;
  uint64_t start, end;
  bool operator==(const Span&) const = default;
  friend void PrintTo(const Span& span, std::ostream* out) {
    *out << "layer " << span.layer << ": " << span.start << ".." << span.end;
  }
};

class NpuBench : public test::Stimulus {
 protected:
  NpuBench() : Stimulus(MHz(1000)) {}

  static Npu::Properties small() {
    Npu::Properties properties;
    properties.clock = MHz(1000);
    properties.bandwidth = {1'000'000'000};
    properties.weight_buffer = KiB(1);
    return properties;
  }
  void make(const Npu::Properties& properties, bool burst = false) {
    hub.join(log);
    environment.observers = &hub;
    environment.requesters = {"t0", "t1", "t2"};
    environment.burst_memory = burst;
    model = std::make_unique<Npu>("npu", properties, environment);
    cpu.socket.bind(model->register_bank()->socket);
    interrupt = std::make_unique<test::InterruptProbe>(model->interrupt);
    low_water = std::make_unique<test::InterruptProbe>(model->low_water);
  }

  struct Layer {
    uint64_t cycles;
    uint32_t weight_bytes;
    uint32_t activation_bytes = 0;
  };
  /// The layers of a task. Tasks take 10000 entries each; weights lie from kWeights on, 1 MiB a layer.
  void load(uint32_t task, const std::vector<Layer>& layers) {
    namespace km = abi::kernel_manager;
    core::RegisterPort& bank = *model->register_bank();
    uint32_t base = 10000 * task;
    auto count = static_cast<uint32_t>(layers.size());
    bank.load(km::kTaskBase + 4 * task, &base, 4);
    bank.load(km::kRegionCount + 4 * task, &count, 4);
    for (uint32_t i = 0; i < count; ++i) {
      abi::NpuLayerEntry entry{};
      entry.layer = i;
      entry.cycles = layers[i].cycles;
      entry.weight_bytes = layers[i].weight_bytes;
      entry.activation_bytes = layers[i].activation_bytes;
      entry.activations = kActivations + 0x10'0000ULL * i;
      entry.weights = kWeights + 0x10'0000ULL * i;
      abi::IndexEntry index{base + i, 1};
      bank.load(km::kIndexTable + (base + i) * sizeof index, &index, sizeof index);
      bank.load(km::kMetadataTable + (base + i) * sizeof entry, &entry, sizeof entry);
    }
  }
  void command_now(uint32_t task, uint32_t job, uint32_t layer) {
    const uint64_t at = abi::kernel_manager::kInstruction;
    cpu.write32(at, task);
    cpu.write32(at + 4, job);
    cpu.write32(at + 12, layer);
  }
  void command(uint64_t ps, uint32_t task, uint32_t job, uint32_t layer) {
    agenda.at(ps, [=, this] { command_now(task, job, layer); });
  }

  [[nodiscard]] std::vector<Span> spans(observe::OperationKind kind) const {
    std::vector<Span> all;
    for (const observe::Operation& operation : log.operations) {
      if (operation.kind == kind)
        all.push_back({operation.layer, operation.start / 1000, operation.end / 1000});
    }
    return all;
  }
  [[nodiscard]] std::vector<Span> loads() const { return spans(observe::OperationKind::load); }
  [[nodiscard]] std::vector<Span> computes() const { return spans(observe::OperationKind::compute); }

  static constexpr uint64_t kWeights = 0x8'0000'0000;
  static constexpr uint64_t kActivations = 0x8'8000'0000;
  core::Environment environment;
  observe::ObserverHub hub;
  test::Log log;
  test::Initiator cpu{"cpu"};
  std::unique_ptr<Npu> model;
  std::unique_ptr<test::InterruptProbe> interrupt, low_water;
};

}  // namespace vesper::npu
