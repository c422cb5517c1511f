/// The request FIFO of a scheduler block whose static level runs in firmware.
///
/// Models      registers `request` and `room` of sw/abi/scheduler_block.h and the FIFO behind them. A request
///             is there in the instant in which its last word is written.
/// Full        a place is taken from the write of a request until its job leaves the queue; firmware reads
///             `room` before it writes. A request without room, or of a task there is not, ends the
///             simulation: nothing is lost silently.
#pragma once

#include <deque>
#include <functional>

#include "models/core/registers.h"
#include "models/scheduler/request_source.h"
#include "sw/abi/scheduler_block.h"

namespace vesper::scheduler {

class RequestFifo final : public RequestSource {
 public:
  /// `places()`: entries that jobs of the queue leave free. `written()` is told after each request.
  RequestFifo(core::RegisterPort& regs, size_t tasks, std::function<uint32_t()> places,
              std::function<void()> written);

  [[nodiscard]] uint32_t channels() const override { return 1; }
  Request take(uint32_t channel) override;
  uint64_t waiting() override { return fifo_.empty() ? 0 : 1; }
  uint32_t first() override { return 0; }

  /// Requests that can be written now.
  [[nodiscard]] uint32_t room() const;

 private:
  static constexpr uint32_t kWords = sizeof(abi::RequestWords) / 4;
  void send();

  size_t tasks_;
  std::function<uint32_t()> places_;
  std::function<void()> written_;
  std::deque<Request> fifo_;
  core::Register room_;
  core::Register request_;
};

}  // namespace vesper::scheduler
