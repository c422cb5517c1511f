// A small IP outside the tree: toggles an interrupt line and counts.
#include "models/core/clock_domain.h"
#include "models/core/ip.h"

namespace {

using namespace vesper;

class Blinker : public core::Ip {
 public:
  struct Properties {
    Duration interval = us(100);
    static void describe(Schema<Properties>& p) {
      p("interval", &Properties::interval, "time between edges").at_least(ns(1));
    }
  };

  Blinker(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment)
      : Ip(name),
        interval_(core::to_time(properties.interval.ps)),
        trace_(*environment.observers, {std::string(basename()) + ".light", "irq", 1, false}) {
    expose(regs);
    expose("light", light);
    edges.on_read([this](uint32_t) { return count_; });
    SC_HAS_PROCESS(Blinker);
    SC_METHOD(blink);
  }

  core::RegisterPort regs{"regs", 0x100};
  core::Register edges{regs, "edges", 0x0, core::read_only};
  core::InterruptOut light{"light"};

 private:
  void blink() {
    light.set(!light.level());
    trace_.set(light.level() ? 1 : 0, core::now_ps());
    ++count_;
    next_trigger(interval_);
  }

  sc_core::sc_time interval_;
  uint32_t count_ = 0;
  observe::Signal trace_;
};

VESPER_IP(Blinker, "blinker", "toggles an interrupt line");

}  // namespace
