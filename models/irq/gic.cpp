#include "models/irq/gic.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sw/abi/gic.h"

namespace vesper::irq {
namespace {

namespace map = abi::gic;
using core::now_ps;

constexpr uint32_t kEnable = 1;
constexpr uint32_t kIdle = 0xFF;         // GICC_RPR with nothing active
constexpr uint8_t kPriorityBits = 0xF8;  // 32 levels, as GIC-400

}  // namespace

VESPER_IP(Gic, "gic", "interrupt controller, GICv2 subset");

void Gic::Properties::describe(Schema<Properties>& p) {
  p("lines", &Properties::lines, "interrupts, private ones included; a multiple of 32")
      .must([](uint32_t n) { return n >= 32 && n <= 992 && n % 32 == 0; }, "a multiple of 32 from 32 to 992");
}

Gic::Gic(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment)
    : Ip(name),
      regs("regs", map::kSize),
      observers_(environment.observers),
      lines_(properties.lines),
      distributor_control_(regs, "GICD_CTLR", map::kDistributorControl, core::read_write),
      type_(regs, "GICD_TYPER", map::kType, core::read_only, properties.lines / 32 - 1),
      set_enable_(regs, "GICD_ISENABLER", map::kSetEnable, core::read_write, 0, properties.lines / 32),
      clear_enable_(regs, "GICD_ICENABLER", map::kClearEnable, core::read_write, 0, properties.lines / 32),
      set_pending_(regs, "GICD_ISPENDR", map::kSetPending, core::read_write, 0, properties.lines / 32),
      clear_pending_(regs, "GICD_ICPENDR", map::kClearPending, core::read_write, 0, properties.lines / 32),
      priority_(regs, "GICD_IPRIORITYR", map::kPriority, core::read_write, 0, properties.lines / 4),
      targets_(regs, "GICD_ITARGETSR", map::kTargets, core::read_write, 0x01010101, properties.lines / 4),
      configuration_(regs, "GICD_ICFGR", map::kConfiguration, core::read_write, 0, properties.lines / 16),
      control_(regs, "GICC_CTLR", map::kCpuInterface + map::kCpuControl, core::read_write),
      priority_mask_(regs, "GICC_PMR", map::kCpuInterface + map::kPriorityMask, core::read_write),
      binary_point_(regs, "GICC_BPR", map::kCpuInterface + map::kBinaryPoint, core::read_write, 2),
      acknowledge_(regs, "GICC_IAR", map::kCpuInterface + map::kAcknowledge, core::read_only),
      end_of_interrupt_(regs, "GICC_EOIR", map::kCpuInterface + map::kEndOfInterrupt, core::write_only),
      running_(regs, "GICC_RPR", map::kCpuInterface + map::kRunningPriority, core::read_only, kIdle),
      highest_(regs, "GICC_HPPIR", map::kCpuInterface + map::kHighestPending, core::read_only,
               map::kSpurious) {
  expose(regs);
  expose("irq", irq);
  describe_distributor();
  describe_cpu_interface();
  if (observers_ == nullptr) return;
  irq_trace_ = observe::Signal(*observers_, {.path = std::string(this->name()) + ".irq", .group = "irq"});
  active_trace_ = observe::Signal(
      *observers_, {.path = std::string(this->name()) + ".active", .group = "irq", .width = 10});
  irq_trace_.set(0, 0);
  active_trace_.set(uint64_t{map::kSpurious}, 0);
}

void Gic::describe_distributor() {
  auto enabled = [this](uint32_t word) { return bits_of(word, [](const Line& l) { return l.enabled; }); };
  auto pending = [this](uint32_t word) { return bits_of(word, [](const Line& l) { return l.pending(); }); };
  distributor_control_.on_write([this](uint32_t, uint32_t) { update(); });
  set_enable_.on_read(enabled).on_write(
      [this](uint32_t value, uint32_t word) { for_bits(value, word, [](Line& l) { l.enabled = true; }); });
  clear_enable_.on_read(enabled).on_write(
      [this](uint32_t value, uint32_t word) { for_bits(value, word, [](Line& l) { l.enabled = false; }); });
  set_pending_.on_read(pending).on_write(
      [this](uint32_t value, uint32_t word) { for_bits(value, word, [](Line& l) { l.latched = true; }); });
  clear_pending_.on_read(pending).on_write(
      [this](uint32_t value, uint32_t word) { for_bits(value, word, [](Line& l) { l.latched = false; }); });
  priority_.on_write([this](uint32_t value, uint32_t word) { write_priorities(value, word); });
  configuration_.on_write([this](uint32_t value, uint32_t word) { write_configuration(value, word); });
}

void Gic::describe_cpu_interface() {
  auto reevaluate = [this](uint32_t, uint32_t) { update(); };
  control_.on_write(reevaluate);
  binary_point_.on_write(reevaluate);
  priority_mask_.on_write([this](uint32_t value, uint32_t) {
    priority_mask_.set(value & kPriorityBits);
    update();
  });
  acknowledge_.on_read([this](uint32_t) { return acknowledge(); }).changes_on_read();
  end_of_interrupt_.on_write([this](uint32_t value, uint32_t) { end(value & 0x3FF); });
  running_.on_read([this](uint32_t) { return running_priority(); });
  highest_.on_read([this](uint32_t) { return highest_pending().value_or(map::kSpurious); });
}

template <class Test>
uint32_t Gic::bits_of(uint32_t word, Test&& test) const {
  uint32_t bits = 0;
  for (uint32_t i = 0; i < 32; ++i) bits |= static_cast<uint32_t>(test(lines_[word * 32 + i])) << i;
  return bits;
}

template <class Apply>
void Gic::for_bits(uint32_t value, uint32_t word, Apply&& apply) {
  for (uint32_t i = 0; i < 32; ++i) {
    if ((value >> i & 1) != 0) apply(lines_[word * 32 + i]);
  }
  update();
}

void Gic::write_priorities(uint32_t value, uint32_t word) {
  for (uint32_t i = 0; i < 4; ++i) {
    lines_[word * 4 + i].priority = static_cast<uint8_t>(value >> (8 * i)) & kPriorityBits;
  }
  priority_.set(value & 0x01010101U * kPriorityBits, word);
  update();
}

void Gic::write_configuration(uint32_t value, uint32_t word) {
  for (uint32_t i = 0; i < 16; ++i) lines_[word * 16 + i].edge = (value >> (2 * i + 1) & 1) != 0;
  update();
}

core::Endpoint Gic::endpoint(std::string_view name) {
  uint32_t number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  bool numeric = error == std::errc{} && end == name.data() + name.size();
  if (numeric && number >= map::kFirstPpi && number < lines_.size()) return &line(number);
  return Ip::endpoint(name);
}

std::vector<std::string> Gic::endpoint_names() const {
  std::vector<std::string> names = Ip::endpoint_names();
  names.push_back(fmt::format("{}..{}", map::kFirstPpi, lines_.size() - 1));
  return names;
}

core::InterruptIn& Gic::line(uint32_t number) {
  std::unique_ptr<Input>& input = inputs_[number];
  if (!input) {
    input = std::make_unique<Input>(
        Input{core::InterruptIn([this, number](bool level) { line_changed(number, level); }), {}});
    if (observers_ != nullptr) {
      input->trace =
          observe::Signal(*observers_, {.path = fmt::format("{}.irq{}", name(), number), .group = "irq"});
      input->trace.set(0, 0);
    }
  }
  return input->in;
}

void Gic::line_changed(uint32_t number, bool level) {
  Line& changed = lines_[number];
  changed.level = level;
  if (level && changed.edge) changed.latched = true;
  inputs_[number]->trace.set(level, now_ps());
  if (level && observers_ != nullptr) observers_->mark(observe::Mark::interrupt_asserted, number, now_ps());
  update();
}

/// The enabled pending interrupt of the most urgent priority, of the lowest number among equals.
std::optional<uint32_t> Gic::highest_pending() const {
  if ((distributor_control_.value() & kEnable) == 0) return std::nullopt;
  std::optional<uint32_t> best;
  for (uint32_t i = 0; i < lines_.size(); ++i) {
    const Line& candidate = lines_[i];
    if (!candidate.enabled || candidate.active || !candidate.pending()) continue;
    if (!best || candidate.priority < lines_[*best].priority) best = i;
  }
  return best;
}

uint32_t Gic::running_priority() const {
  return active_.empty() ? kIdle : group_of(lines_[active_.back()].priority);
}

/// The part of a priority that decides preemption: BPR n leaves the bits above n.
uint32_t Gic::group_of(uint32_t priority) const {
  return priority & (0xFFU << ((binary_point_.value() & 7) + 1)) & 0xFF;
}

void Gic::update() {
  std::optional<uint32_t> best = highest_pending();
  bool signals = best && (control_.value() & kEnable) != 0 &&
                 lines_[*best].priority < priority_mask_.value() &&
                 (active_.empty() || group_of(lines_[*best].priority) < running_priority());
  irq_trace_.set(signals, now_ps());
  irq.set(signals);
}

uint32_t Gic::acknowledge() {
  if (!irq.level()) return map::kSpurious;
  uint32_t number = *highest_pending();
  Line& taken = lines_[number];
  taken.active = true;
  taken.latched = false;
  active_.push_back(number);
  active_trace_.set(uint64_t{number}, now_ps());
  if (observers_ != nullptr) observers_->mark(observe::Mark::interrupt_acknowledged, number, now_ps());
  update();
  return number;
}

void Gic::end(uint32_t number) {
  auto it = std::ranges::find(active_, number);
  if (it == active_.end()) return;
  lines_[number].active = false;
  active_.erase(it);
  active_trace_.set(active_.empty() ? uint64_t{map::kSpurious} : uint64_t{active_.back()}, now_ps());
  update();
}

}  // namespace vesper::irq
