#include "models/npu/ideal_weaver.h"

#include <fmt/format.h>

#include "models/core/sim_error.h"

namespace vesper::npu {

IdealWeaver::IdealWeaver(sc_core::sc_module_name module_name, const Properties& /*properties*/,
                         const core::Environment& environment)
    : Ip(module_name),
      choice_(environment.policy),
      tasks_(static_cast<uint16_t>(environment.tasks.size())),
      host_(std::make_unique<weaving::Host<Bus>>(bus_, 0, Bus::kReleases,
                                                 [](weaving::Weaver& weaver) { return weaver.next(); })) {
  expose("npu", npu);
  expose("releases", releases);
  expose("low_water", low_water);
  expose("release_available", release_available);
}

void IdealWeaver::start_of_simulation() {
  const weaving::WeaverInfo* info = weaving::find_weaver(choice_.name.c_str());
  const char* wrong = info == nullptr ? "there is no weaver of that name"
                                      : host_->open(*info, choice_.parameters.data(), tasks_);
  if (wrong != nullptr)
    core::fail_simulation(fmt::format("{}: weaver '{}': {}", name(), choice_.name, wrong));
}

void IdealWeaver::on_low_water(bool level) {
  if (level) serve(&weaving::Host<Bus>::low_water);
}

void IdealWeaver::on_release(bool level) {
  if (level) serve(&weaving::Host<Bus>::released);
}

/// The line does not rise again for what is written while it is high.
void IdealWeaver::serve(void (weaving::Host<Bus>::*call)()) {
  if (serving_) return;
  serving_ = true;
  (host_.get()->*call)();
  while (host_->has_more() && host_->is_low()) host_->low_water();
  serving_ = false;
}

uint32_t IdealWeaver::Bus::read(uint64_t address) const { return owner.access(false, address, 0); }
void IdealWeaver::Bus::write(uint64_t address, uint32_t value) const { owner.access(true, address, value); }

uint32_t IdealWeaver::access(bool write, uint64_t address, uint32_t value) {
  payload_.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload_.set_address(address % Bus::kReleases);
  payload_.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload_.set_data_length(sizeof value);
  payload_.set_streaming_width(sizeof value);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay;
  if (address < Bus::kReleases) {
    npu->b_transport(payload_, delay);
  } else {
    releases->b_transport(payload_, delay);
  }
  if (!payload_.is_response_ok()) {
    core::fail_simulation(fmt::format("{}: an access to register {:#x} was answered with {} at {} ps", name(),
                                      address, payload_.get_response_string(), core::now_ps()));
  }
  return value;
}

VESPER_IP(IdealWeaver, "ideal_weaver", "weaves layers for an NPU in zero time");

}  // namespace vesper::npu
