/// Networks and designs of scenarios/, and SSR's DeiT-T with the 192 tokens of its published steps.
#pragma once

#include <optional>
#include <string>

#include "models/spatial/design.h"
#include "platform/scenario/yaml.h"
#include "platform/workload/graph.h"

namespace vesper::spatial {

inline workload::Graph network(const std::string& file, std::optional<uint32_t> tokens = 192) {
  workload::Shape shape;
  shape.tokens = tokens;
  return workload::read_graph(scenario::load_yaml(VESPER_SOURCE_DIR "/scenarios/workloads/" + file + ".yaml"),
                              shape);
}
inline workload::Graph deit_t() { return network("deit_t_vision"); }

inline Design read_design(const std::string& yaml) {
  Design design;
  schema_of<Design>().read(scenario::parse_yaml(yaml, "design.yaml"), design, "");
  return design;
}

/// DeiT-T on so many accelerators, for so many images: scenarios/ssr/designs.
inline Design accelerators(uint32_t count, uint32_t images = 6) {
  const Node file = scenario::load_yaml(VESPER_SOURCE_DIR "/scenarios/ssr/designs/accelerators_" +
                                        std::to_string(count) + ".yaml");
  Design design;
  schema_of<Design>().read(*file.find("design"), design, "design");
  design.images = images;
  return design;
}

inline Accelerator& named(Design& design, const std::string& name) {
  for (Accelerator& accelerator : design.accelerators) {
    if (accelerator.name == name) return accelerator;
  }
  throw std::out_of_range(name);
}

}  // namespace vesper::spatial
