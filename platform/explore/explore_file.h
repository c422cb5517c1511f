/// A scenario whose design is searched: `vesper explore`.
///
///     scenario: ...                        # or explore.title, where the file has no design to run yet
///     include: ../platforms/ssr_vck190.yaml
///     explore: {bounds: [2 ms, 0.5 ms], most_images: 6, ...}
///     tasks:
///       - {name: deit_t, model: ../workloads/deit_t_vision.yaml, tokens: 192, batch: 6, arrival: ...}
///
/// The one task whose network is a graph is what designs are searched for; its `batch` is what the search
/// varies. Of a `design` section `device`, `forwarding` and `pipeline` hold for all designs; its accelerators
/// are not looked at.
#pragma once

#include "platform/workload/graph.h"
#include "schedulers/offline/spatial_search.h"

namespace vesper::explore {

struct ExploreFile {
  std::string path;
  std::string title;
  offline::Explore search;
  spatial::Design base;  ///< without accelerators
  workload::Graph graph;
  size_t task = 0;  ///< its place among the tasks
  Node root;        ///< the file with its includes and overrides
  /// Of everything that results depend on, as hexadecimal digits.
  [[nodiscard]] std::string fingerprint() const;
};

/// Throws InputError on the first thing that is wrong.
ExploreFile read_explore(const std::string& path, const std::vector<std::string>& overrides);

/// The section's properties, for listing.
std::vector<PropertyInfo> explore_properties();

}  // namespace vesper::explore
