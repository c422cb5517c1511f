/// Interrupt controller: the part of a GICv2 that one core without security extensions needs.
///
/// Models      distributor (CTLR, TYPER, ISENABLER, ICENABLER, ISPENDR, ICPENDR, IPRIORITYR, ITARGETSR,
///             ICFGR) and one CPU interface (CTLR, PMR, BPR, IAR, EOIR, RPR, HPPIR) in one bank: the
///             distributor at 0, the CPU interface at 0x10000 (addresses as on Zynq UltraScale+, UG1085).
///             Level- and edge-sensitive lines, 32 priorities (5 bits, as GIC-400), preemption of an active
///             interrupt by one of a more urgent group.
/// Endpoints   `16`..`31` private lines (30: physical timer), `32`.. shared lines; `irq` the output; `regs`.
/// Timing      none of its own: a line, a register write and the output change in one instant. The bus takes
///             time.
/// Observers   interrupt_asserted(line) as an input rises, interrupt_acknowledged(line) as IAR is read;
///             traces `<gic>.irq<line>`, `<gic>.irq` and `<gic>.active` (group irq).
/// Leaves out  several cores (ITARGETSR is stored, every line goes to core 0), software-generated interrupts,
///             groups and security, EOImode 1, the active-state registers. Accesses are whole words.
/// Source      Arm IHI 0048B.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/core/ip.h"
#include "platform/property/schema.h"

namespace vesper::irq {

class Gic : public core::Ip {
 public:
  struct Properties {
    uint32_t lines = 128;
    static void describe(Schema<Properties>& p);
  };

  Gic(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment);

  core::RegisterPort regs;
  core::InterruptOut irq{"irq"};

  core::Endpoint endpoint(std::string_view name) override;
  [[nodiscard]] std::vector<std::string> endpoint_names() const override;
  /// The input of line n, made when first asked for.
  core::InterruptIn& line(uint32_t number);

 private:
  struct Line {
    bool enabled = false;
    bool level = false;
    bool latched = false;  ///< pending by an edge or by ISPENDR
    bool edge = false;
    bool active = false;
    uint8_t priority = 0;
    [[nodiscard]] bool pending() const { return latched || (!edge && level); }
  };
  struct Input {
    core::InterruptIn in;
    observe::Signal trace;
  };

  void describe_distributor();
  void describe_cpu_interface();
  template <class Test>
  uint32_t bits_of(uint32_t word, Test&& test) const;
  template <class Apply>
  void for_bits(uint32_t value, uint32_t word, Apply&& apply);
  void write_priorities(uint32_t value, uint32_t word);
  void write_configuration(uint32_t value, uint32_t word);

  void line_changed(uint32_t number, bool level);
  [[nodiscard]] std::optional<uint32_t> highest_pending() const;
  [[nodiscard]] uint32_t running_priority() const;
  [[nodiscard]] uint32_t group_of(uint32_t priority) const;
  uint32_t acknowledge();
  void end(uint32_t number);
  void update();

  observe::ObserverHub* observers_;
  std::vector<Line> lines_;
  std::map<uint32_t, std::unique_ptr<Input>> inputs_;
  std::vector<uint32_t> active_;  // acknowledged and not ended, most urgent last
  observe::Signal irq_trace_;
  observe::Signal active_trace_;

  core::Register distributor_control_, type_, set_enable_, clear_enable_, set_pending_, clear_pending_,
      priority_, targets_, configuration_;
  core::Register control_, priority_mask_, binary_point_, acknowledge_, end_of_interrupt_, running_, highest_;
};

}  // namespace vesper::irq
