/// Kernel management: the metadata and index tables, and the registers through which schedulers drive it.
///
/// Models      a metadata table (problem shape, addresses, first and last iteration, strategy bits) and a 2-D
///             index table (task, region) -> entries, both memory-mapped and filled by firmware or by the
///             platform before the start; an instruction register and a feedback FIFO. Source: DERCA (RTSS
///             2025), kernel management.
/// Timing      none of its own: the accelerator charges look-up, launch and feedback.
#pragma once

#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/accelerator/phase.h"
#include "models/core/registers.h"

namespace vesper::accelerator {

struct Instruction {
  uint16_t task = 0;
  uint32_t job = 0;
  uint32_t region = 0;
  bool preempt = false;
  bool resume = false;
  uint16_t last_task = 0;
  uint32_t last_region = 0;
};
Instruction decode(const abi::InstructionWords& words);

class KernelManager {
 public:
  /// `issue` is called with an instruction written to the registers.
  explicit KernelManager(const std::function<void(const abi::InstructionWords&)>& issue);

  core::RegisterPort regs{"regs", abi::kernel_manager::kSize};
  core::Register id{regs, "id", abi::kernel_manager::kId, core::read_only, abi::kernel_manager::kIdValue};
  core::Register control{regs, "control", abi::kernel_manager::kControl, core::read_write};
  core::Register status{regs, "status", abi::kernel_manager::kStatus, core::read_only};
  core::Register instruction{regs, "instruction", abi::kernel_manager::kInstruction, core::read_write, 0, 4};
  core::Register feedback{regs, "feedback", abi::kernel_manager::kFeedback, core::read_only, 0, 4};
  core::Register feedback_pop{regs, "feedback_pop", abi::kernel_manager::kFeedbackPop, core::write_only};
  core::Register task_base{regs, "task_base", abi::kernel_manager::kTaskBase, core::read_write, 0, 64};
  core::Register region_count{regs, "region_count", abi::kernel_manager::kRegionCount, core::read_write, 0,
                              64};

  /// The entries of a region. Throws core::SimulationError naming task, region and cause when the tables hold
  /// none or a nonsensical one (an empty shape, iterations out of range).
  PhaseSequence::Request request(const Instruction& instruction, const Tile& tile) const;
  /// `count` entries in a row, of which nothing is checked. Throws core::SimulationError when there are none.
  [[nodiscard]] const abi::MetadataEntry* entries_of(uint16_t task, uint32_t region, uint32_t& count) const;
  [[nodiscard]] bool last_region(uint16_t task, uint32_t region) const {
    return region + 1 >= region_count.value(task);
  }

  /// The first entry of each layer of a task, in order; empty for a task that has no regions. Throws
  /// core::SimulationError when layers are not numbered from 0 on.
  [[nodiscard]] std::vector<abi::MetadataEntry> layers(uint16_t task) const;

  /// Feedback waiting for software; the FIFO is as deep as there can be regions on the accelerator.
  void push_feedback(const abi::FeedbackWords& words) { feedback_fifo_.push_back(words); }
  [[nodiscard]] bool feedback_waits() const { return !feedback_fifo_.empty(); }
  [[nodiscard]] bool interrupt_enabled() const {
    return (control.value() & abi::kernel_manager::kControlInterruptEnable) != 0;
  }
  /// Told whenever the FIFO or its interrupt enable changed through the registers.
  std::function<void()> on_change;
  /// Told when a table was written.
  std::function<void()> on_table_write;
  bool busy = false;

 private:
  /// Zeroed lazily by the operating system: only pages that are written take memory.
  template <class T>
  using Table = std::unique_ptr<T[], decltype(&std::free)>;
  Table<abi::IndexEntry> index_;
  Table<abi::MetadataEntry> metadata_;
  std::deque<abi::FeedbackWords> feedback_fifo_;
};

}  // namespace vesper::accelerator
