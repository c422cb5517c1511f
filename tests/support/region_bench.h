/// An accelerator behind a kernel manager with initiators on its registers and its instruction socket, and a
/// log of what it tells.
#pragma once

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <vector>

#include "models/core/run_report.h"
#include "sw/abi/kernel_manager.h"
#include "tests/support/observer_log.h"
#include "tests/support/stimulus.h"

namespace vesper::test {

/// The regions of a task: entries of each. Tasks take 100 index and 1000 metadata entries each.
inline void load_regions(core::RegisterPort& bank, uint32_t task,
                         const std::vector<std::vector<abi::MetadataEntry>>& regions) {
  namespace km = abi::kernel_manager;
  uint32_t base = 100 * task;
  auto count = static_cast<uint32_t>(regions.size());
  bank.load(km::kTaskBase + 4 * task, &base, 4);
  bank.load(km::kRegionCount + 4 * task, &count, 4);
  uint32_t first = 1000 * task;
  for (const auto& entries : regions) {
    abi::IndexEntry index{first, static_cast<uint32_t>(entries.size())};
    bank.load(km::kIndexTable + base++ * sizeof index, &index, sizeof index);
    bank.load(km::kMetadataTable + first * sizeof entries[0], entries.data(),
              entries.size() * sizeof entries[0]);
    first += index.count;
  }
}

template <class Model>
class RegionBench : public Stimulus {
 protected:
  using Stimulus::Stimulus;

  void make(const typename Model::Properties& properties, bool burst = false) {
    if (watched) hub.join(log);
    environment.observers = &hub;
    if (environment.requesters.empty()) environment.requesters = {"t0", "t1", "t2"};
    environment.burst_memory = burst;
    model = std::make_unique<Model>("accelerator", properties, environment);
    cpu.socket.bind(model->register_bank()->socket);
    block.socket.bind(model->instructions);
    interrupt = std::make_unique<InterruptProbe>(model->interrupt);
  }
  void bind_feedback() {
    feedback = std::make_unique<TargetRecorder>("feedback");
    model->feedback.bind(feedback->socket);
  }

  void load(uint32_t task, const std::vector<std::vector<abi::MetadataEntry>>& regions) {
    load_regions(*model->register_bank(), task, regions);
  }

  static abi::InstructionWords words(uint32_t task, uint32_t job, uint32_t region, uint32_t flags = 0,
                                     uint32_t last_task = 0, uint32_t last_region = 0) {
    return {task | last_task << 8 | flags, job, last_region, region};
  }
  /// Sends an instruction as the scheduler block does.
  void issue(uint64_t ps, const abi::InstructionWords& instruction,
             tlm::tlm_response_status answer = tlm::TLM_OK_RESPONSE) {
    agenda.at(ps, [this, instruction, answer] { EXPECT_EQ(block.write(0, instruction), answer); });
  }
  /// Writes it to the registers as firmware does.
  void write_registers(uint64_t ps, const abi::InstructionWords& instruction) {
    agenda.at(ps, [this, instruction] {
      const uint32_t all[] = {instruction.task, instruction.job, instruction.last_region, instruction.region};
      for (uint32_t i = 0; i < 4; ++i) cpu.write32(abi::kernel_manager::kInstruction + 4 * i, all[i]);
    });
  }
  void enable_interrupt(uint64_t ps = 0) {
    agenda.at(ps, [this] {
      cpu.write32(abi::kernel_manager::kControl, abi::kernel_manager::kControlInterruptEnable);
    });
  }
  [[nodiscard]] core::RunReport report() const {
    core::RunReport made;
    model->report(made);
    return made;
  }

  core::Environment environment;
  bool watched = true;  ///< the log is told
  observe::ObserverHub hub;
  Log log;
  Initiator cpu{"cpu"};
  Initiator block{"block"};
  std::unique_ptr<TargetRecorder> feedback;
  std::unique_ptr<Model> model;
  std::unique_ptr<InterruptProbe> interrupt;
};

}  // namespace vesper::test
