#include "skeleton.h"

namespace skeleton_ip {

using namespace vesper;

VESPER_IP(Skeleton, "skeleton", "raises an interrupt periodically");

void Skeleton::Properties::describe(Schema<Properties>& p) {
  p("clock", &Properties::clock, "clock of the counter");
  p("period", &Properties::period, "cycles between two interrupts").between(1, 1'000'000'000);
}

Skeleton::Skeleton(sc_core::sc_module_name name, const Properties& properties,
                   const core::Environment& environment)
    : Ip(name),
      properties_(properties),
      clock_(properties.clock),
      pending_(*environment.observers, {std::string(basename()) + ".pending", "irq", 1, false}) {
  expose(regs);
  expose("interrupt", interrupt);
  control.on_write([this](uint32_t value, uint32_t) { enable((value & 1) != 0); });
  acknowledge.on_write([this](uint32_t, uint32_t) { set_interrupt(false); });
  SC_HAS_PROCESS(Skeleton);
  SC_METHOD(tick);
  sensitive << wake_;
  dont_initialize();
}

void Skeleton::start_of_simulation() { enable((control.value() & 1) != 0); }

void Skeleton::enable(bool on) {
  wake_.cancel();
  if (on) wake_at(clock_.cycle_at_or_after(core::now_ps()) + properties_.period);
}

void Skeleton::wake_at(core::Cycles cycle) {
  next_ = cycle;
  wake_.notify(core::to_time(clock_.edge(cycle) - core::now_ps()));
}

void Skeleton::tick() {
  ticks.set(ticks.value() + 1);
  set_interrupt(true);
  wake_at(next_ + properties_.period);
}

void Skeleton::set_interrupt(bool level) {
  pending_.set(level ? 1 : 0, core::now_ps());
  interrupt.set(level);
}

}  // namespace skeleton_ip
