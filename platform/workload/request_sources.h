/// What request streams are drawn from. SystemC-free.
#pragma once

#include <memory>

#include "platform/workload/request_stream.h"

namespace vesper::workload {

/// When requests come and to what: an arrival process and uniform draws, or the rows of a trace.
struct RequestHeads {
  std::function<std::unique_ptr<ArrivalProcess>(uint64_t seed)> arrivals;  ///< empty: the rows
  std::vector<RequestRow> rows;
  std::string file;  ///< of the rows, for errors
};

/// The networks of models by name.
using Networks = std::vector<std::pair<std::string, std::shared_ptr<const Network>>>;

/// All of it from a file.
std::unique_ptr<RequestSource> make_table_source(RequestTable table);
/// Samples drawn around the models' means.
std::unique_ptr<RequestSource> make_drawn_source(const RequestProperties& properties,
                                                 const Networks& networks, RequestHeads heads,
                                                 const Location& where);
/// Samples from a file.
std::unique_ptr<RequestSource> make_sampled_source(const RequestProperties& properties,
                                                   const Networks& networks, std::vector<SampleSet> sets,
                                                   RequestHeads heads, const Location& where);

}  // namespace vesper::workload
