/// Where a scheduler block's loop takes jobs from: the release FIFOs, or requests that firmware has written.
#pragma once

#include <cstdint>
#include <optional>

#include "schedulers/policy/job.h"

namespace vesper::scheduler {

struct Request {
  uint16_t task = 0;
  uint32_t job = 0;
  policy::Time release = 0;
  policy::Time deadline = 0;
  uint32_t weight = 0;                 ///< 0: its task's
  std::optional<double> static_score;  ///< where the static level runs elsewhere
};

class RequestSource {
 public:
  virtual ~RequestSource() = default;
  /// How many queues there are, at most 64; the loop checks each in a turn of its own.
  [[nodiscard]] virtual uint32_t channels() const = 0;
  /// Takes the oldest request of a channel that waits.
  virtual Request take(uint32_t channel) = 0;
  /// Bit i: a request waits in channel i.
  virtual uint64_t waiting() = 0;
  /// The channel to take from first of those that wait; there is one (release_port::kFirst).
  virtual uint32_t first() = 0;

 protected:
  RequestSource() = default;
  RequestSource(const RequestSource&) = default;
  RequestSource& operator=(const RequestSource&) = default;
};

}  // namespace vesper::scheduler
