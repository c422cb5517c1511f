/// How long a product's rows take from the array through the engines behind it. SystemC-free: the models'
/// packets obey this, the analytic estimate uses its closed form.
///
/// Packet      what the array gives out at once: A h1 rows, whole in the columns of the heads that are worked
///             on, with the last of their steps. Where nothing behind needs whole rows, as engines of several
///             passes do, and one unit does one head, the C w2 columns that one step completes.
/// Leaving     rows leave from the end of a step's MACs on, within the result stream's time, row by row, A
///             rows side by side; the step ends with its overhead, or with the last row. What engines do in
///             the rest of the overhead costs nothing: the overhead is what a step takes on the board with
///             all that is behind it, and would count engines twice. No result is there before the step that
///             completes it has ended.
/// Pipelined   an engine lets rows go on at its own row time or at that of the rows it gets, whichever is
///             more; the result of a row is there (passes - 1) row times and its depth after the row. Rows of
///             one stream take columns / lanes cycles.
/// Else        an engine starts when the last row is there, takes passes x ceil(elements / lanes) cycles with
///             the lanes of all streams together, and has its whole result at the end.
#pragma once

#include <cstdint>
#include <vector>

#include "models/spatial/design.h"
#include "platform/workload/graph.h"

namespace vesper::spatial {

/// Picoseconds for which a step's results leave the array.
uint64_t result_stream_ps(const Accelerator& accelerator, const Device& device);
/// So long before the end of its step the first row begins to leave.
uint64_t leaves_before_end_ps(const Accelerator& accelerator, const Device& device);
/// Whether packets of a product have whole rows.
bool gives_whole_rows(const workload::Graph& graph, uint32_t product, const Accelerator& accelerator);
/// Columns of a whole row (of one head) of a product that one stream carries.
uint32_t stream_columns(const workload::Operator& product, const Accelerator& accelerator);
/// Cycles of an engine for so many columns of a stream.
constexpr uint64_t row_cycles(uint32_t columns, uint32_t lanes) { return (columns + lanes - 1) / lanes; }
/// Cycles of an engine for a whole matrix, where rows are not pipelined.
uint64_t matrix_cycles(const Engine& engine, const workload::Operator& op, const Accelerator& accelerator);

struct ChainTimes {
  /// Of each operator behind the product, in order: its last row is there so long after the array's last
  /// step.
  std::vector<uint64_t> behind_ps;
  /// The array waits so long in all for engines that are slower than it.
  uint64_t stall_ps = 0;
  uint64_t packet_ps = 0;   ///< of the array for a packet
  uint64_t engines_ps = 0;  ///< of the engines for it: the next packet ends no sooner after it
};
ChainTimes chain_times(const workload::Graph& graph, uint32_t product, const Accelerator& accelerator,
                       const Device& device, bool pipeline);

}  // namespace vesper::spatial
