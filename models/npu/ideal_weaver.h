/// Scheduling ahead in no time: the bound on what a host can do for an NPU.
///
/// Models      a host that runs a weaver (schedulers/weaving) as firmware does, by the same source
///             (sw/weaving/host.h) through the same registers of NPU and job release module, in the instant
///             in which it is called.
/// Timing      none. It is called by the NPU's `low_water` and the release module's `available`.
/// Leaves out  whatever a real host takes.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <memory>

#include "models/core/ip.h"
#include "sw/weaving/host.h"

namespace vesper::npu {

class IdealWeaver : public core::Ip {
 public:
  struct Properties {
    static void describe(Schema<Properties>& /*p*/) {}
  };
  IdealWeaver(sc_core::sc_module_name name, const Properties& properties,
              const core::Environment& environment);

  tlm_utils::simple_initiator_socket_optional<IdealWeaver> npu{"npu"};
  tlm_utils::simple_initiator_socket_optional<IdealWeaver> releases{"releases"};
  core::InterruptIn low_water{[this](bool level) { on_low_water(level); }};
  core::InterruptIn release_available{[this](bool level) { on_release(level); }};

 private:
  /// The registers of both, the release module's from kReleases on.
  struct Bus {
    static constexpr uint64_t kReleases = uint64_t{1} << 32;
    IdealWeaver& owner;
    uint32_t read(uint64_t address) const;
    void write(uint64_t address, uint32_t value) const;
  };
  uint32_t access(bool write, uint64_t address, uint32_t value);
  void start_of_simulation() override;
  void on_low_water(bool level);
  void on_release(bool level);
  void serve(void (weaving::Host<Bus>::*call)());

  const core::PolicyChoice choice_;
  const uint16_t tasks_;
  Bus bus_{*this};
  std::unique_ptr<weaving::Host<Bus>> host_;
  bool serving_ = false;
  tlm::tlm_generic_payload payload_;
};

}  // namespace vesper::npu
