/// The host of an NPU: takes jobs from the job release module, asks a weaver for one layer after the other
/// and keeps the NPU's queue filled. One source for firmware and for the scheduler in no time: both work
/// through registers. Freestanding C++20.
///
///     struct Bus { uint32_t read(uint64_t address); void write(uint64_t address, uint32_t value); };
///
/// Jobs        are taken ahead, up to kQueries a task, in order within a task; what is beyond waits in the
///             release FIFOs. A job may be scheduled as soon as the one before of its task has been.
/// Filling     when fewer commands than the low-water mark wait for their fetch, up to `ahead`. With
///             nothing left to schedule the low-water interrupt is off until a job is released.
#pragma once

#include "schedulers/weaving/weaver.h"
#include "sw/abi/job_release.h"
#include "sw/abi/npu.h"

namespace vesper::weaving {

constexpr uint32_t kMostLayers = 4096;  ///< of all networks together
constexpr uint32_t kQueries = 16;

/// One decision, by a name that observers look for.
using Decide = uint16_t (*)(Weaver& weaver);

template <class Bus>
class Host {
 public:
  /// `npu` and `release`: bases of the register banks.
  Host(Bus& bus, uint64_t npu, uint64_t release, Decide decide)
      : bus_(bus), npu_(npu), release_(release), decide_(decide) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Reads what the NPU is and the layers of the tasks, and makes the weaver. Null, or what is wrong.
  const char* open(const WeaverInfo& info, const double* parameters, uint16_t tasks);
  /// Jobs wait in the release module.
  void released();
  /// The queue is below its low-water mark.
  void low_water();
  /// Whether the queue is below its low-water mark.
  [[nodiscard]] bool is_low() const {
    return (npu(abi::kernel_manager::kStatus) & abi::npu::kStatusLowWater) != 0;
  }
  /// The weaver had a layer when it was asked last.
  [[nodiscard]] bool has_more() const { return !nothing_left_; }

 private:
  struct Queries {
    uint32_t ids[kQueries] = {};
    uint32_t first = 0, count = 0;
    uint32_t layer = 0;  ///< the next one of the first query
  };

  [[nodiscard]] uint32_t npu(uint64_t offset) const { return bus_.read(npu_ + offset); }
  [[nodiscard]] uint64_t npu_wide(uint64_t offset) const {
    return npu(offset) | static_cast<uint64_t>(npu(offset + 4)) << 32;
  }
  const char* read_layers(uint16_t tasks);
  [[nodiscard]] Layer read_layer(uint64_t entry) const;
  [[nodiscard]] uint64_t pending() const;
  void accept();
  void take(uint16_t task);
  void fill();
  void issue(uint16_t task);
  void call_when_low(bool on);

  Bus& bus_;
  const uint64_t npu_, release_;
  const Decide decide_;
  Weaver* weaver_ = nullptr;
  Ticks cycle_ = 0, byte_ = 0, buffer_ = 0;
  uint32_t ahead_ = 0;
  uint16_t tasks_ = 0;
  Queries queries_[kMaxNetworks];
  bool behind_ = false;       // jobs wait that there was no room for
  bool called_on_ = false;    // the low-water mark calls
  bool nothing_left_ = true;  // the weaver had no layer
  Network networks_[kMaxNetworks];
  Layer layers_[kMostLayers];
  alignas(16) unsigned char storage_[kWeaverStorage];
};

template <class Bus>
const char* Host<Bus>::open(const WeaverInfo& info, const double* parameters, uint16_t tasks) {
  if (npu(abi::kernel_manager::kId) != abi::kernel_manager::kIdValue) return "there is no kernel manager";
  if (npu(abi::npu::kDepth) == 0) return "the kernel manager has no queue";
  cycle_ = npu_wide(abi::npu::kTicksPerCycle);
  byte_ = npu_wide(abi::npu::kTicksPerByte);
  buffer_ = npu_wide(abi::npu::kBufferBytes) * byte_;
  ahead_ = npu(abi::npu::kAhead);
  tasks_ = tasks;
  if (const char* wrong = read_layers(tasks)) return wrong;
  weaver_ = info.make(storage_, buffer_, networks_, tasks, parameters);
  bus_.write(release_ + abi::job_release::kControl, abi::job_release::kControlInterruptEnable);
  return nullptr;
}

template <class Bus>
const char* Host<Bus>::read_layers(uint16_t tasks) {
  namespace km = abi::kernel_manager;
  if (tasks > kMaxNetworks) return "more tasks than a weaver takes";
  uint32_t used = 0;
  for (uint16_t task = 0; task < tasks; ++task) {
    const uint32_t count = npu(km::kRegionCount + 4 * task);
    if (count == 0) return "a task has no layers";
    if (count > kMostLayers - used) return "the tasks have too many layers";
    networks_[task] = {&layers_[used], count};
    const uint64_t index = km::kIndexTable + npu(km::kTaskBase + 4 * task) * sizeof(abi::IndexEntry);
    const uint32_t first = npu(index);  // the layers' entries lie one behind the other
    for (uint32_t layer = 0; layer < count; ++layer) {
      layers_[used] = read_layer(km::kMetadataTable + uint64_t{first + layer} * sizeof(abi::NpuLayerEntry));
      if (layers_[used++].fetch > buffer_) return "a layer exceeds the weight buffer";
    }
  }
  return nullptr;
}

template <class Bus>
Layer Host<Bus>::read_layer(uint64_t entry) const {
  const uint64_t cycles = npu_wide(entry + offsetof(abi::NpuLayerEntry, cycles));
  const uint64_t bytes = npu(entry + offsetof(abi::NpuLayerEntry, weight_bytes));
  return {cycles * cycle_, bytes * byte_};
}

template <class Bus>
void Host<Bus>::released() {
  accept();
  if (nothing_left_) fill();
}

template <class Bus>
void Host<Bus>::low_water() {
  if (!nothing_left_) fill();
}

template <class Bus>
uint64_t Host<Bus>::pending() const {
  return bus_.read(release_ + abi::job_release::kPendingLow);  // of 16 networks at the most
}

/// Takes what there is room for; the release interrupt is on while nothing is left behind.
template <class Bus>
void Host<Bus>::accept() {
  const bool was_behind = behind_;
  bool took = true;
  while (took) {
    took = behind_ = false;
    for (uint64_t waiting = pending(); waiting != 0; waiting &= waiting - 1) {
      const auto task = static_cast<uint16_t>(__builtin_ctzll(waiting));
      if (queries_[task].count == kQueries) {
        behind_ = true;
        continue;
      }
      take(task);
      took = true;
    }
  }
  if (behind_ != was_behind)
    bus_.write(release_ + abi::job_release::kControl,
               behind_ ? 0 : abi::job_release::kControlInterruptEnable);
}

template <class Bus>
void Host<Bus>::take(uint16_t task) {
  const uint64_t window = release_ + abi::job_release::kTask + uint64_t{task} * abi::job_release::kTaskStride;
  Queries& queries = queries_[task];
  queries.ids[(queries.first + queries.count++) % kQueries] = bus_.read(window);
  bus_.write(window + abi::job_release::kTaskPop, 1);
  weaver_->dispatch(task);
}

template <class Bus>
void Host<Bus>::fill() {
  uint32_t wanted = npu(abi::npu::kPlaces);
  if (ahead_ != 0) {
    const uint32_t waiting = npu(abi::npu::kWaiting);
    const uint32_t missing = ahead_ > waiting ? ahead_ - waiting : 0;
    if (missing < wanted) wanted = missing;
  }
  nothing_left_ = false;
  for (; wanted > 0 && !nothing_left_; --wanted) {
    const uint16_t task = decide_(*weaver_);
    nothing_left_ = task == Weaver::kNone;
    if (!nothing_left_) issue(task);
  }
  call_when_low(!nothing_left_);
}

template <class Bus>
void Host<Bus>::issue(uint16_t task) {
  Queries& queries = queries_[task];
  const uint64_t at = npu_ + abi::kernel_manager::kInstruction;
  bus_.write(at, task);
  bus_.write(at + 4, queries.ids[queries.first]);
  bus_.write(at + 12, queries.layer++);
  if (!weaver_->query_ended()) return;
  queries.layer = 0;
  queries.first = (queries.first + 1) % kQueries;
  --queries.count;
  if (behind_) accept();
}

template <class Bus>
void Host<Bus>::call_when_low(bool on) {
  if (on == called_on_) return;
  called_on_ = on;
  bus_.write(npu_ + abi::kernel_manager::kControl, on ? abi::npu::kControlLowWater : 0);
}

}  // namespace vesper::weaving
