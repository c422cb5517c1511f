#include "models/core/sim_error.h"

#include <systemc>

namespace vesper::core {
namespace {
std::string& first_failure() {
  static std::string message;
  return message;
}
std::string& first_cause() {
  static std::string cause;
  return cause;
}
}  // namespace

void note_cause(const std::string& cause) {
  if (first_cause().empty()) first_cause() = cause;
}

void fail_simulation(const std::string& message) {
  if (!first_failure().empty()) return;
  first_failure() = first_cause().empty() ? message : message + "; before that, " + first_cause();
  sc_core::sc_stop();
}

void stop_simulation() { sc_core::sc_stop(); }

const std::string& failure_message() { return first_failure(); }

void throw_on_systemc_reports() {
  using namespace sc_core;
  sc_report_handler::set_actions(SC_INFO, SC_DO_NOTHING);
  sc_report_handler::set_actions(SC_WARNING, SC_THROW);
  sc_report_handler::set_actions(SC_ERROR, SC_THROW);
}

}  // namespace vesper::core
