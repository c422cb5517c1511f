#include "models/scheduler/request_fifo.h"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "models/core/sim_error.h"

namespace vesper::scheduler {
namespace {

uint64_t wide(uint32_t low, uint32_t high) { return low | uint64_t{high} << 32; }

}  // namespace

RequestFifo::RequestFifo(core::RegisterPort& regs, size_t tasks, std::function<uint32_t()> places,
                         std::function<void()> written)
    : tasks_(tasks),
      places_(std::move(places)),
      written_(std::move(written)),
      room_(regs, "room", abi::scheduler_block::kRoom, core::read_only),
      request_(regs, "request", abi::scheduler_block::kRequest, core::write_only, 0, kWords) {
  room_.on_read([this](uint32_t) { return room(); });
  request_.on_write([this](uint32_t, uint32_t word) {
    if (word + 1 == kWords) send();
  });
}

uint32_t RequestFifo::room() const {
  uint32_t places = places_();  // brings the queue up to now, which may take requests
  return places - static_cast<uint32_t>(fifo_.size());
}

void RequestFifo::send() {
  std::array<uint32_t, kWords> values{};
  for (uint32_t i = 0; i < kWords; ++i) values[i] = request_.value(i);
  auto words = std::bit_cast<abi::RequestWords>(values);
  if (words.task >= tasks_) {
    core::fail_simulation(fmt::format("a request of the scheduler block: there is no task {}", words.task));
    return;
  }
  if (room() == 0) {
    core::fail_simulation(
        fmt::format("the request of task {} job {} found the request FIFO full", words.task, words.job));
    return;
  }
  fifo_.push_back({static_cast<uint16_t>(words.task), words.job, wide(words.release_low, words.release_high),
                   wide(words.deadline_low, words.deadline_high), words.weight,
                   std::bit_cast<double>(wide(words.score_low, words.score_high))});
  written_();
}

Request RequestFifo::take(uint32_t /*channel*/) {
  Request oldest = fifo_.front();
  fifo_.pop_front();
  return oldest;
}

}  // namespace vesper::scheduler
