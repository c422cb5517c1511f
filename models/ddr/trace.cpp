#include "models/ddr/trace.h"

#include <bit>
#include <utility>

namespace vesper::ddr {

namespace {
enum : uint32_t { kBus, kRefresh, kRequests, kBanks };
uint32_t open_signal(uint32_t bank) { return kBanks + 2 * bank; }
uint32_t row_signal(uint32_t bank) { return kBanks + 2 * bank + 1; }
}  // namespace

Trace::Trace(observe::ObserverHub& hub, const std::string& path, const Part& part,
             const core::ClockDomain& clock)
    : part_(part), clock_(clock) {
  const auto tell = [&](observe::SignalInfo info) {
    signals_.emplace_back(hub, std::move(info));
    wanted_ = wanted_ || signals_.back().traced();
  };
  const auto declare = [&](const std::string& name, uint32_t width) {
    tell({path + "." + name, "ddr", static_cast<uint16_t>(width)});
  };
  tell({.path = path + ".bus", .group = "ddr", .width = 2, .value_names = {"idle", "read", "write"}});
  declare("refresh", 1);
  tell({.path = path + ".requests", .group = "ddr", .width = 16, .is_level = true});
  for (uint32_t bank = 0; bank < part.all_banks(); ++bank) {
    const std::string name = "bank" + std::to_string(bank);
    declare(name + ".open", 1);
    declare(name + ".row", static_cast<uint32_t>(std::bit_width(part.rows - 1)));
  }
  values_.resize(signals_.size());
  touched_.resize(signals_.size());
}

void Trace::change(uint32_t signal, uint64_t value, Clock clock) {
  changes_.push({clock_.edge(clock), order_++, signal, value});
}

void Trace::bus(Bus direction, Clock from) {
  change(kBus, direction, from);
  change(kBus, kIdle, from + part_.burst_clocks());
}

void Trace::opened(const Command& command) {
  change(open_signal(command.bank), 1, command.clock);
  change(row_signal(command.bank), command.row, command.clock);
}

void Trace::closed(const Command& command) { change(open_signal(command.bank), 0, command.clock); }

void Trace::issued(const Command& command) {
  // By CommandKind. An auto-precharge shows at its command, though the bank closes a little later.
  using Show = void (*)(Trace&, const Command&);
  static constexpr std::array<Show, 7> kShow{
      [](Trace& t, const Command& c) { t.opened(c); },
      [](Trace& t, const Command& c) { t.closed(c); },
      [](Trace& t, const Command& c) { t.bus(kRead, c.clock + t.part_.cl); },
      [](Trace& t, const Command& c) { t.bus(kWrite, c.clock + t.part_.cwl); },
      [](Trace& t, const Command& c) { t.bus(kRead, c.clock + t.part_.cl), t.closed(c); },
      [](Trace& t, const Command& c) { t.bus(kWrite, c.clock + t.part_.cwl), t.closed(c); },
      [](Trace& t, const Command& c) {
        t.change(kRefresh, 1, c.clock);
        t.change(kRefresh, 0, c.clock + t.part_.trfc);
      },
  };
  kShow[static_cast<size_t>(command.kind)](*this, command);
}

void Trace::requests(size_t under_way, uint64_t at) { signals_[kRequests].set(under_way, at); }

void Trace::tell_until(uint64_t now) {
  while (!changes_.empty() && changes_.top().at <= now) {
    const Change& change = changes_.top();
    if (!touched_[change.signal]) to_tell_.push_back(change.signal);
    touched_[change.signal] = true;
    values_[change.signal] = change.value;
    changes_.pop();
  }
  for (const uint32_t signal : to_tell_) {
    touched_[signal] = false;
    signals_[signal].set(values_[signal], now);
  }
  to_tell_.clear();
}

}  // namespace vesper::ddr
