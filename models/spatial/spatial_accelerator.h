/// A matrix accelerator on a share of an AIE array: tile steps of one product after the other, whose rows
/// leave as a stream.
///
/// Models      an A x B x C array, or several side by side, behind a kernel manager. An instruction names a
///             stage's task, a job (one visit of the stage for one input: Plan::visit_of) and a region: tile
///             steps of the visit's product in the order of tile_steps.h. Its entries in the metadata table
///             are MetadataEntry, of which first and last iteration count.
/// Timing      look-up, launch, feedback and interrupt as in accelerator/region_accelerator.h. A step takes
///             spatial::step_ps, one follows the other without a gap and without rounding to edges. The rows
///             that a step completes leave on `results` from the end of its MACs on, within the time of the
///             result stream, at equal distances (timing.h): in columns of a step, or whole. While what comes
///             behind has not taken the rows before (StreamPacket::taken_ps), the step is so much longer: the
///             array has one tile for results. A region ends with its last step. Where the design is not
///             pipelined all rows leave with the visit's last step, and the region ends when they are at the
///             end of their way.
/// Preemption  between steps, at no cost: what has been computed and sent stays, and a job goes on where it
///             was.
/// Functional  with `functional` on any accelerator all compute: INT8 products by aie::Arithmetic of operands
///             read from `operands` and weights drawn from the seed, when rows leave. Times are the same.
/// Endpoints   `results` (initiator; models/pl/stream.h), `operands` (initiator; operand_port.h), kernel
///             manager's registers, `instructions`, `feedback`, `interrupt`.
/// Events      a region is worked out when it starts and takes one event, whatever it does.
/// Leaves out  what it takes to save partial sums of a product that is preempted within a row of tiles; the
///             time to fill and drain the array, which a step's overhead covers. Edge tiles cost the same.
#pragma once

#include <map>
#include <memory>

#include "models/accelerator/region_accelerator.h"
#include "models/spatial/product_arithmetic.h"
#include "models/spatial/stream_port.h"
#include "models/spatial/tile_steps.h"

namespace vesper::spatial {

class SpatialAccelerator : public accelerator::RegionAccelerator {
 public:
  struct Properties : accelerator::ControlProperties {
    std::string accelerator;
    bool functional = false;
    static void describe(Schema<Properties>& p);
  };
  SpatialAccelerator(sc_core::sc_module_name name, const Properties& properties,
                     const core::Environment& environment);

  tlm_utils::simple_initiator_socket_optional<SpatialAccelerator> results{"results"};
  tlm_utils::simple_initiator_socket_optional<SpatialAccelerator> operands{"operands"};

  void report(core::RunReport& report) const override;

  /// Time that steps took longer as their rows were not taken.
  [[nodiscard]] uint64_t stalled_ps() const { return stalled_ps_; }

 private:
  void start_of_simulation() override;
  uint32_t look_up(const accelerator::Instruction& instruction) override;
  void run(core::Cycles launch) override;
  void region_over() override;

  void begin_visit();
  void run_steps(uint64_t first, uint64_t last);
  void finish_group(uint64_t group);
  void send_rows(uint64_t group);
  [[nodiscard]] std::span<std::byte> values_of(const TileSteps::Group& rows);
  void tell_start();
  void tell_job_begins();
  void tell_steps(uint64_t first, uint64_t last, uint64_t end_ps) const;
  void tell_store(uint64_t group, uint64_t bytes) const;

  const std::shared_ptr<const Plan> plan_;
  const uint16_t number_;
  const Accelerator& design_;
  const bool pipeline_;
  const uint64_t step_ps_, result_ps_, leaves_ps_;
  std::unique_ptr<ProductArithmetic> arithmetic_;  // null where times are all there is

  // The region that runs.
  const abi::MetadataEntry* entries_ = nullptr;
  uint32_t entry_count_ = 0;
  Visit visit_;
  const workload::Operator* product_ = nullptr;
  TileSteps steps_;
  uint64_t now_ = 0;   // its steps are worked out up to here
  uint64_t done_ = 0;  // last row at the end of its way
  bool visit_ends_ = false;

  StreamCall rows_, word_;
  uint64_t taken_ps_ = 0;                            // rows before have been taken
  std::map<observe::JobId, uint32_t> begun_inputs_;  // of jobs whose inputs have not all begun

  uint64_t step_count_ = 0, busy_ps_ = 0, stalled_ps_ = 0, macs_ = 0;
  observe::Signal stall_signal_;
};

}  // namespace vesper::spatial
