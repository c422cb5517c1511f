#include "models/spatial/memory_port.h"

#include "platform/property/integer.h"

namespace vesper::spatial {

MemoryPort::MemoryPort(sc_core::sc_module_name name, const MemoryPortProperties& properties, Frequency clock,
                       const core::Environment& environment, std::function<void(uint64_t id)> done)
    : sc_module(name),
      properties_(properties),
      burst_(environment.burst_memory),
      observers_(*environment.observers),
      done_(std::move(done)),
      engine_("dma", properties.axi, clock, environment, [this] { burst_done(); }) {
  SC_HAS_PROCESS(MemoryPort);
  SC_METHOD(fixed_done);
  dont_initialize();
  sensitive << ends_.wake;
}

std::optional<MemoryPort::Interval> MemoryPort::request(const Move& move) {
  if (burst_) {
    waiting_.push(move);
    if (waiting_.size() == 1) start_next();
    return std::nullopt;
  }
  const Interval interval = reserve(move);
  ends_.push(interval.end_ps, move.id);
  return interval;
}

MemoryPort::Interval MemoryPort::reserve(const Move& move) {
  const uint64_t start = std::max(core::now_ps(), free_ps_);
  const uint64_t first_byte = start + properties_.latency.ps;
  free_ps_ = first_byte + ps_of(move.bytes);
  if (observers_.wants(observe::Topic::transfer)) {
    observers_.transfer(
        {move.job, move.layer, engine_.observed_port(), move.write, move.bytes, start, free_ps_});
  }
  return {first_byte, free_ps_};
}

uint64_t MemoryPort::ps_of(uint64_t bytes) const {
  return ps_at(bytes, properties_.bandwidth.bytes_per_second);
}

void MemoryPort::fixed_done() {
  uint64_t id = 0;
  while (ends_.take(id)) done_(id);
}

void MemoryPort::start_next() {
  const Move& move = waiting_.front();
  core::JobTag tag;
  tag.task = move.job.task;
  tag.job = move.job.job;
  tag.layer = move.layer;
  engine_.start({move.address, static_cast<uint32_t>(move.bytes), 1, move.bytes, move.write}, tag, 0);
}

void MemoryPort::burst_done() {
  const uint64_t id = waiting_.front().id;
  waiting_.pop();
  if (!waiting_.empty()) start_next();
  done_(id);
}

}  // namespace vesper::spatial
