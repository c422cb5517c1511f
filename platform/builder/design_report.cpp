#include "platform/builder/design_report.h"

#include <algorithm>

#include "models/spatial/plan.h"

namespace vesper::builder {
namespace {

using scenario::Scenario;

/// The entries of one task.
class Forwarding {
 public:
  Forwarding(const Scenario& scenario, uint16_t task, std::vector<observe::RunForwarding>& out)
      : scenario_(scenario),
        plan_(*scenario.plan),
        graph_(*plan_.graph_of(task)),
        task_(task),
        first_(out.size()),
        out_(out) {}

  void run() {
    add_all(workload::Edge::kInput, "input", "input", uint64_t{graph_.input_rows} * graph_.input_columns);
    for (uint32_t op = 0; op < graph_.operators.size(); ++op) {
      const workload::Operator& of = graph_.operators[op];
      const uint16_t at = plan_.stage_of(task_, graph_.product_of(op)).accelerator;
      add_all(op, of.stage, name_of(at), of.bytes());
    }
  }

 private:
  void add_all(uint32_t op, const std::string& stage, const std::string& from, uint64_t bytes) {
    for (const spatial::Delivery& delivery : plan_.deliveries(task_, op)) {
      add({scenario_.tasks[task_].name, stage, from, name_of(delivery.accelerator), bytes, delivery.on_chip,
           delivery.exposed_ps, delivery.reason});
    }
  }

  void add(observe::RunForwarding entry) {
    auto same = std::find_if(out_.begin() + static_cast<std::ptrdiff_t>(first_), out_.end(),
                             [&](const observe::RunForwarding& other) {
                               return other.stage == entry.stage && other.from == entry.from &&
                                      other.to == entry.to && other.on_chip == entry.on_chip &&
                                      other.reason == entry.reason;
                             });
    if (same == out_.end()) {
      out_.push_back(std::move(entry));
      return;
    }
    same->bytes += entry.bytes;
    same->exposed += entry.exposed;
  }

  [[nodiscard]] std::string name_of(uint16_t accelerator) const {
    if (accelerator == spatial::Delivery::kOutside) return "output";
    return plan_.design().accelerators[accelerator].name;
  }

  const Scenario& scenario_;
  const spatial::Plan& plan_;
  const workload::Graph& graph_;
  const uint16_t task_;
  const size_t first_;
  std::vector<observe::RunForwarding>& out_;
};

}  // namespace

observe::RunDesign run_design(const Scenario& scenario) {
  observe::RunDesign design;
  for (size_t i = 0; i < scenario.tasks.size(); ++i) {
    if (scenario.runs_in_stages(i)) Forwarding(scenario, static_cast<uint16_t>(i), design.forwarding).run();
  }
  const spatial::Resources& used = scenario.plan->allocation().resources;
  const spatial::Device& device = scenario.design->device;
  design.resources = {{"aie", used.aie, device.aie},
                      {"plio_in", used.plio_in, device.plio_in},
                      {"plio_out", used.plio_out, device.plio_out},
                      {"bram", used.bram, device.bram},
                      {"uram", used.uram, device.uram},
                      {"dsp", used.dsp, device.dsp}};
  return design;
}

}  // namespace vesper::builder
