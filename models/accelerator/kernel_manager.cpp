#include "models/accelerator/kernel_manager.h"

#include <fmt/format.h>

#include <cstring>
#include <new>

#include "models/core/sim_error.h"

namespace vesper::accelerator {
namespace {

template <class T>
std::unique_ptr<T[], decltype(&std::free)> zeroed(size_t count) {
  auto* memory = static_cast<T*>(std::calloc(count, sizeof(T)));
  if (memory == nullptr) throw std::bad_alloc();
  return {memory, &std::free};
}

template <class T>
std::span<unsigned char> bytes_of(T* table, size_t count) {
  return {reinterpret_cast<unsigned char*>(table), count * sizeof(T)};
}

}  // namespace

Instruction decode(const abi::InstructionWords& words) {
  return {static_cast<uint16_t>(words.task & 0xFF),
          words.job,
          words.region,
          (words.task & abi::kInstructionPreempt) != 0,
          (words.task & abi::kInstructionResume) != 0,
          static_cast<uint16_t>((words.task >> 8) & 0xFF),
          words.last_region};
}

KernelManager::KernelManager(const std::function<void(const abi::InstructionWords&)>& issue)
    : index_(zeroed<abi::IndexEntry>(abi::kIndexEntries)),
      metadata_(zeroed<abi::MetadataEntry>(abi::kMetadataEntries)) {
  regs.window(abi::kernel_manager::kIndexTable, bytes_of(index_.get(), abi::kIndexEntries));
  regs.window(abi::kernel_manager::kMetadataTable, bytes_of(metadata_.get(), abi::kMetadataEntries),
              [this](uint64_t, uint64_t) {
                if (on_table_write) on_table_write();
              });
  instruction.on_write([this, issue](uint32_t, uint32_t word) {
    if (word != 3) return;
    issue({instruction.value(0), instruction.value(1), instruction.value(2), instruction.value(3)});
  });
  status.on_read([this](uint32_t) {
    return (busy ? abi::kernel_manager::kStatusBusy : 0) |
           (feedback_waits() ? abi::kernel_manager::kStatusFeedback : 0);
  });
  feedback.on_read([this](uint32_t word) {
    if (feedback_fifo_.empty()) return 0U;
    uint32_t words[4];
    std::memcpy(words, &feedback_fifo_.front(), sizeof words);
    return words[word];
  });
  feedback_pop.on_write([this](uint32_t, uint32_t) {
    if (!feedback_fifo_.empty()) feedback_fifo_.pop_front();
    if (on_change) on_change();
  });
  control.on_write([this](uint32_t, uint32_t) {
    if (on_change) on_change();
  });
}

const abi::MetadataEntry* KernelManager::entries_of(uint16_t task, uint32_t region, uint32_t& count) const {
  if (task >= 64 || region >= region_count.value(task)) {
    throw core::SimulationError(fmt::format("the index table has no region {} of task {}", region, task));
  }
  uint64_t position = uint64_t{task_base.value(task)} + region;
  const abi::IndexEntry entry = position < abi::kIndexEntries ? index_[position] : abi::IndexEntry{};
  if (entry.count == 0 || uint64_t{entry.first} + entry.count > abi::kMetadataEntries) {
    throw core::SimulationError(
        fmt::format("region {} of task {} has no entries in the metadata table", region, task));
  }
  count = entry.count;
  return &metadata_[entry.first];
}

namespace {

/// Whether an entry names iterations of a layer that has some.
bool is_range(const abi::MetadataEntry& entry, const Tile& tile) {
  bool shaped = entry.m != 0 && entry.k != 0 && entry.n != 0;
  return shaped && entry.first_iteration <= entry.last_iteration &&
         entry.last_iteration < TileWalk(entry.m, entry.k, entry.n, tile).iterations();
}

[[noreturn]] void refuse(const abi::MetadataEntry& entry, uint32_t number, uint32_t region, uint16_t task) {
  throw core::SimulationError(fmt::format(
      "metadata entry {} of region {} of task {} is no range of iterations of a layer: {} x {} x {}, "
      "{}..{}",
      number, region, task, entry.m, entry.k, entry.n, entry.first_iteration, entry.last_iteration));
}

}  // namespace

std::vector<abi::MetadataEntry> KernelManager::layers(uint16_t task) const {
  std::vector<abi::MetadataEntry> found;
  for (uint32_t region = 0; region < region_count.value(task); ++region) {
    uint32_t count = 0;
    const abi::MetadataEntry* entries = entries_of(task, region, count);
    for (uint32_t e = 0; e < count; ++e) {
      if (entries[e].layer < found.size()) continue;
      if (entries[e].layer > found.size()) {
        throw core::SimulationError(fmt::format(
            "region {} of task {} is of layer {}, and there is none before", region, task, entries[e].layer));
      }
      found.push_back(entries[e]);
    }
  }
  return found;
}

PhaseSequence::Request KernelManager::request(const Instruction& wanted, const Tile& tile) const {
  PhaseSequence::Request request;
  request.task = wanted.task;
  request.resume = wanted.resume;
  request.entries = entries_of(wanted.task, wanted.region, request.entry_count);
  for (uint32_t e = 0; e < request.entry_count; ++e) {
    if (!is_range(request.entries[e], tile)) refuse(request.entries[e], e, wanted.region, wanted.task);
  }
  if (wanted.preempt) {
    uint32_t count = 0;
    const abi::MetadataEntry* entries = entries_of(wanted.last_task, wanted.last_region, count);
    request.preempted = &entries[count - 1];
    if (!is_range(*request.preempted, tile)) {
      refuse(*request.preempted, count - 1, wanted.last_region, wanted.last_task);
    }
    request.preempted_task = wanted.last_task;
  }
  return request;
}

}  // namespace vesper::accelerator
