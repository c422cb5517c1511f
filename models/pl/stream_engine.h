/// An engine in programmable logic behind a spatial accelerator: works on rows that stream by.
///
/// Models      one operator of a network's graph, for all products of its accelerator. It takes packets of
///             rows (models/pl/stream.h) whose result an operator of its kind goes on with, as its first
///             input, and sends its own rows; any other packet it passes on as it is in no time. Where others
///             than it need what it takes (a sum that goes around layers, columns that it leaves out), that
///             goes on too, at its own times, before its result. Of an operator that takes some columns, it
///             takes those.
/// Timing      row_pipeline.h. Lanes: of each output stream of the accelerator's arrays so many elements a
///             cycle. A rows side by side; C streams of each unit that works on a row share its columns.
///             Without row pipelining (`by_rows` false) it keeps rows, which it takes as they come, until it
///             has the whole matrix, and then uses all lanes; its result is one packet. An addend is read
///             when its rows are worked on, in no time: it is on chip before the product begins.
/// Order       rows of one matrix, in the same columns, come in order, from 0 to the last, in packets of any
///             number of rows; packets of different matrices may alternate. Softmax takes whole heads, layer
///             norm whole rows.
/// Functional  operation.h; a result does not depend on packets or lanes.
/// Errors      a packet that is not of this shape or format, rows out of order, an addend that memory does
///             not give: the run ends with a message that names engine, packet and time.
/// Properties  what is not given comes from the design: lanes of the accelerator, clock of programmable
///             logic, passes and depth of spatial::find_engine.
/// Endpoints   `in` (target), `out` (initiator); of vector_add `addend` (initiator; a read with a
///             StreamPacket that names rows and columns of the addend, models/spatial/operand_port.h).
/// Leaves out  filling and draining of rows over lanes that their columns do not fill evenly; bank conflicts
///             of addends.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/core/ip.h"
#include "models/pl/operation.h"
#include "models/pl/row_pipeline.h"
#include "models/pl/stream.h"
#include "models/spatial/plan.h"
#include "models/spatial/stream_port.h"

namespace vesper::pl {

class StreamEngine : public core::Ip {
 public:
  struct Properties {
    std::string accelerator;
    std::optional<uint32_t> lanes, passes, depth;
    std::optional<Frequency> clock;
    /// Declares these properties in the schema of a class derived from this one.
    template <class P>
    static void describe_in(Schema<P>& p) {
      p("accelerator", &Properties::accelerator, "accelerator of the design that it works behind").required();
      p("lanes", &Properties::lanes, "elements a cycle of each output stream; the accelerator's by default")
          .between(1, 1024);
      p("passes", &Properties::passes, "over a row; the engine's by default").between(1, 16);
      p("depth", &Properties::depth,
        "cycles from a row's last element in to its last result, besides later passes; the engine's by "
        "default")
          .between(0, 4096);
      p("clock", &Properties::clock, "programmable logic; the design's `device.pl_clock` by default")
          .between(MHz(1), MHz(1000));
    }
    static void describe(Schema<Properties>& p) { describe_in(p); }
  };

  tlm_utils::simple_target_socket<StreamEngine> in{"in"};
  tlm_utils::simple_initiator_socket<StreamEngine> out{"out"};

  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

 protected:
  /// `acts_on`: whether an operator of the graph's kind `op` is this engine's; all of them, if empty.
  StreamEngine(sc_core::sc_module_name name, const char* op, const Properties& properties,
               const core::Environment& environment,
               const std::function<bool(const workload::Operator&)>& acts_on = {});

  /// Reads rows of an operator's second input, which the call's packet names.
  virtual void read_addend(spatial::StreamCall& call, std::span<std::byte> data);

 private:
  /// What happens to rows of an operator's result.
  struct Step {
    std::vector<uint32_t> operators;  ///< those of this engine that take them
    bool needed = true;               ///< by others
  };
  /// A user's task whose rows may come by.
  struct Task {
    const workload::Graph* graph = nullptr;
    std::vector<Step> steps;     ///< by operator
    std::vector<Matrix> stored;  ///< by operator, of a functional run
  };
  /// Columns of a matrix of which rows have come and others have not.
  struct Open {
    observe::JobId job;
    uint32_t image, op, first_column, columns, next_row;
    [[nodiscard]] bool is(const StreamPacket& packet) const;
  };
  /// A matrix that comes row by row and is worked on as a whole; kept for others when it has been.
  struct Collection {
    observe::JobId job;
    uint32_t image = 0, op = 0;
    uint64_t missing = 0;  ///< elements; none: free
    uint64_t last_ps = 0;
    Matrix values;  ///< of a functional run
    [[nodiscard]] bool is(const StreamPacket& packet) const;
  };
  struct Answer {
    uint64_t taken_ps = 0, done_ps = 0;
    bool ok = true;
  };

  [[nodiscard]] Task make_task(uint16_t number, const core::Environment& environment,
                               const std::function<bool(const workload::Operator&)>& acts_on) const;
  void start_of_simulation() override { busy_signal_.set(0, 0); }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void take(tlm::tlm_generic_payload& payload, StreamPacket& packet, sc_core::sc_time& delay);
  Answer collect(const Task& task, const StreamPacket& packet, std::span<const std::byte> data);
  Collection& collection_of(const Task& task, const StreamPacket& packet);
  Answer work_on_all(const Task& task, const StreamPacket& rows, std::span<const std::byte> data);
  Answer work_on(const Task& task, uint32_t op, const StreamPacket& rows, std::span<const std::byte> data);
  void check(const Task& task, const StreamPacket& packet, std::span<const std::byte> data) const;
  void check_whole(const workload::Operator& op, const StreamPacket& packet,
                   const StreamPacket& result) const;
  void keep_order(const Task& task, const StreamPacket& packet);
  [[nodiscard]] RowCost cost_of(const Task& task, const StreamPacket& packet, uint32_t columns) const;
  std::span<const std::byte> cut(const StreamPacket& packet, uint32_t first, uint32_t columns,
                                 std::span<const std::byte> data);
  std::span<std::byte> compute(const Task& task, uint32_t op, const StreamPacket& result,
                               std::span<const std::byte> data);
  void count(const StreamPacket& packet, uint64_t start_ps, uint64_t end_ps);
  void show(const workload::Operator& op, const StreamPacket& packet, uint64_t start_ps);
  void show_idle();  // SC_METHOD on idle_
  [[nodiscard]] std::string text(const StreamPacket& packet) const;

  const std::shared_ptr<const spatial::Plan> plan_;
  observe::ObserverHub* const observers_;
  const uint16_t track_;  // of timelines
  const spatial::Accelerator& accelerator_;
  const std::string op_;
  const Operation& operation_;
  const bool functional_;
  const uint32_t lanes_;
  RowPipeline pipeline_;
  std::vector<std::string> names_;  // of tasks
  std::vector<Task> tasks_;
  std::vector<Open> open_;
  std::vector<Collection> collections_;
  spatial::StreamCall result_, addend_;
  StreamPacket whole_;
  std::vector<std::byte> columns_, addend_rows_, rows_;

  uint64_t packets_ = 0, rows_done_ = 0, passed_on_ = 0, busy_ps_ = 0, held_up_ps_ = 0;
  uint64_t busy_from_ = 0, busy_until_ = 0;
  sc_core::sc_event idle_;
  observe::Signal busy_signal_, job_signal_, operator_signal_;
};

}  // namespace vesper::pl
