/// A weaver: decides which network's next layer an NPU executes next. Freestanding C++20, no heap.
///
/// The host dispatches queries and asks for one layer after the other, ahead of the NPU; the weaver keeps the
/// schedule's state and its own estimate of it. A decision is O(networks), apart from the layers in the
/// buffer that a full buffer makes it look at.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <new>

#include "schedulers/policy/policy.h"
#include "schedulers/weaving/schedule.h"

namespace vesper::weaving {

constexpr uint16_t kMaxNetworks = 16;

/// The layers of a network in order, which outlive the weaver; at least one.
struct Network {
  const Layer* layers = nullptr;
  uint32_t count = 0;
};

/// What profiling tells of a network.
struct Profile {
  Ticks compute = 0;
  Ticks fetch = 0;
  Ticks largest = 0;  ///< fetch of its largest layer
  [[nodiscard]] bool compute_intensive() const { return compute >= fetch; }
};

class Weaver {
 public:
  static constexpr uint16_t kNone = 0xFFFF;

  /// `count` at most kMaxNetworks; every layer fits into the buffer.
  Weaver(Ticks buffer, const Network* networks, uint16_t count);
  Weaver(const Weaver&) = delete;
  Weaver& operator=(const Weaver&) = delete;

  /// Another query of the network is to be scheduled.
  void dispatch(uint16_t network);
  /// Schedules one layer: the next of the network that is returned. None when no query is left that the
  /// weaver serves.
  uint16_t next();
  /// Whether the layer that next() returned last was the last one of its query.
  [[nodiscard]] bool query_ended() const { return ended_; }

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  [[nodiscard]] uint16_t networks() const { return count_; }
  [[nodiscard]] const Profile& profile(uint16_t network) const { return profiles_[network]; }
  /// Whether a layer of the network waits to be scheduled.
  [[nodiscard]] bool waits(uint16_t network) const { return progress_[network].queries > 0; }
  [[nodiscard]] bool mid_query(uint16_t network) const { return progress_[network].layer > 0; }
  /// When the network's last layer, or that of the whole schedule at its dispatch, will have been computed.
  [[nodiscard]] Ticks waiting_since(uint16_t network) const { return progress_[network].since; }
  /// The first unscheduled layer: the network's member of the candidate group.
  [[nodiscard]] const Layer& candidate(uint16_t network) const {
    return networks_[network].layers[progress_[network].layer];
  }

 protected:
  ~Weaver() = default;  // lives in static or caller-owned storage and is never destroyed through this type
  /// One of the networks that wait, or none.
  virtual uint16_t choose() = 0;
  /// The schedule has been extended by the network's candidate.
  virtual void chosen(uint16_t /*network*/, const Layer& /*layer*/) {}

 private:
  struct Progress {
    uint32_t layer = 0;
    uint32_t queries = 0;
    Ticks since = 0;
  };
  const Network* networks_;
  uint16_t count_;
  Schedule schedule_;
  Progress progress_[kMaxNetworks];
  Profile profiles_[kMaxNetworks];
  bool ended_ = false;
};

/// Room for any weaver.
constexpr size_t kWeaverStorage = size_t{64} * 1024;

/// How a weaver is found and made; one static object a weaver, linked into a list before main.
struct WeaverInfo {
  const char* name;
  const char* help;
  const policy::ParameterInfo* parameters;
  size_t parameter_count;
  /// `parameters`: their values, in the order declared.
  Weaver* (*make)(void* storage, Ticks buffer, const Network* networks, uint16_t count,
                  const double* parameters);
  const WeaverInfo* next = nullptr;

  WeaverInfo(const char* name_, const char* help_, const policy::ParameterInfo* parameters_,
             size_t parameter_count_,
             Weaver* (*make_)(void*, Ticks, const Network*, uint16_t, const double*));
};

/// The registered weavers, as a linked list.
const WeaverInfo* first_weaver();
/// Null when there is none of that name.
const WeaverInfo* find_weaver(const char* name);

/// Registers a weaver that is made from buffer, networks, their count and the values of its parameters.
#define VESPER_WEAVER(Class, weaver_name, help, parameters, parameter_count)                           \
  static_assert(sizeof(Class) <= ::vesper::weaving::kWeaverStorage);                                   \
  static const ::vesper::weaving::WeaverInfo vesper_weaver_##Class {                                   \
    weaver_name, help, parameters, parameter_count,                                                    \
        [](void* storage, ::vesper::weaving::Ticks buffer, const ::vesper::weaving::Network* networks, \
           uint16_t count, const double* values) -> ::vesper::weaving::Weaver* {                       \
          return ::new (storage) Class(buffer, networks, count, values);                               \
        }                                                                                              \
  }

}  // namespace vesper::weaving
