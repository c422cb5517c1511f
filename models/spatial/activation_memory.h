/// On-chip memory of a spatial accelerator: collects the operands of its products, and is its source of jobs.
///
/// Models      banked RAM that holds, of each input in the design, the operands of the accelerator's products
///             and what is added behind them. Once all rows of all operands of a product's visit are there, a
///             job of the stage's task is released, through FIFOs, lines and registers as those of the job
///             release module (models/scheduler/release_fifos.h), a FIFO as deep as the design has inputs.
/// Timing      an operand is there with its last row; where the partitions of producer and consumer do not
///             fit, as much later as the plan says (Delivery::exposed_ps). An operand that the plan sends
///             through DDR is written there when its last row is in, and all that a visit needs from there,
///             with `forwarding: ddr` also its weights unless they are pinned, is read when its last operand
///             is there; then the visit is released. The network's input comes from DDR anyway, by image DMA.
///             Writes and reads go through the port `memory`, one after the other (memory_port.h). Rows are
///             taken as they come. No rounding to edges of the clock, but for the interrupt.
/// Space       design and plan see to it that operands fit. More visits of one stage that wait for the
///             accelerator than the design has inputs end the simulation.
/// Functional  keeps the values of operands until the last visit that takes them has ended.
/// Endpoints   `in` (target; models/pl/stream.h), `operands` (target, of any number of initiators;
///             operand_port.h), `memory` (initiator), regs, `fifo`, `available`, `interrupt`.
/// Leaves out  bank conflicts of what the plan calls compatible. Values that go through DDR stay in the
///             model; the port moves time and addresses. Space is free when the array has ended, though
///             engines behind it may read an addend for some cycles more.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <memory>

#include "models/scheduler/release_fifos.h"
#include "models/spatial/memory_port.h"
#include "models/spatial/operand_table.h"
#include "models/spatial/stream_port.h"

namespace vesper::spatial {

class ActivationMemory : public scheduler::ReleaseFifos {
 public:
  struct Properties : MemoryPortProperties {
    std::string accelerator;
    Frequency clock = MHz(230);  // VCK190, SSR
    uint32_t interrupt_cycles = 1;
    static void describe(Schema<Properties>& p);
  };
  ActivationMemory(sc_core::sc_module_name name, const Properties& properties,
                   const core::Environment& environment);

  tlm_utils::simple_target_socket_optional<ActivationMemory> in{"in"};
  tlm_utils::multi_passthrough_target_socket<ActivationMemory, 32, tlm::tlm_base_protocol_types, 0,
                                             sc_core::SC_ZERO_OR_MORE_BOUND>
      operands{"operands"};

  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

  /// What came over which way so far.
  struct Traffic {
    uint64_t on_chip_bytes = 0, written_bytes = 0, read_bytes = 0, weight_bytes = 0;
    uint64_t exposed_ps = 0;
  };
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }

 private:
  enum class VisitState : uint8_t { empty, collecting, fetching, waiting, running, ended };
  struct OperandState {
    uint64_t missing = 0;  ///< elements
    uint64_t last_ps = 0;
    uint32_t users = 0;  ///< visits that have not ended
    std::vector<std::byte> values;
  };
  struct VisitProgress {
    VisitState state = VisitState::empty;
    uint32_t missing = 0;  ///< operands, then fetches
  };
  /// One input in the design, from its first row here to the end of its last visit.
  struct Image {
    bool live = false;
    observe::JobId job;
    uint32_t image = 0;
    uint32_t place = 0;  ///< among images_
    const OperandTable* table = nullptr;
    uint64_t deadline_ps = 0;
    uint32_t weight = 0;
    uint32_t visits_left = 0;
    uint64_t space = 0;  ///< address in DDR
    std::vector<OperandState> operands;
    std::vector<VisitProgress> visits;
  };
  struct Arrival {
    uint32_t image;
    uint32_t operand;
  };

  void rows_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void operand_call(int id, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void take_rows(pl::StreamPacket& packet, const std::byte* values, size_t bytes);
  void keep_values(OperandState& state, const Operand& operand, const pl::StreamPacket& packet,
                   const std::byte* values, size_t bytes) const;
  void collect(Image& image, const Operand& operand);
  Image& image_of(const pl::StreamPacket& packet);
  Image* find(const pl::StreamPacket& packet);
  void begin_image(Image& image, const pl::StreamPacket& packet);

  void operands_due();  // SC_METHOD on due_
  void operand_there(Image& image, uint32_t operand);
  void part_there(Image& image, uint32_t product);
  void fetch(Image& image, uint32_t product);
  void move_done(uint64_t id);
  void release(Image& image, uint32_t product);

  void read_values(const pl::StreamPacket& packet, std::byte* values, size_t bytes);
  void visit_begins(pl::StreamPacket& packet);
  void visit_ends(const pl::StreamPacket& packet);
  [[nodiscard]] std::string name_of(uint16_t task, uint32_t op) const;
  [[nodiscard]] std::string stage_of(uint16_t task, uint32_t op) const;
  void show(int64_t bytes);

  const std::shared_ptr<const Plan> plan_;
  const uint16_t accelerator_;
  const bool functional_;
  const uint32_t capacity_;           ///< visits of a stage
  std::vector<OperandTable> tables_;  ///< by task
  MemoryPort memory_;
  std::shared_ptr<core::SpareMemory> spare_;
  std::vector<uint64_t> weights_at_;  ///< address by task
  uint64_t space_bytes_ = 0;          ///< of an image
  std::vector<std::unique_ptr<Image>> images_;
  std::vector<uint32_t> collecting_;  ///< visits that have not begun, by stage task
  DueQueue<Arrival> due_;
  uint64_t released_ = 0;
  Traffic traffic_;
  int64_t held_bytes_ = 0;
  observe::Signal held_signal_, visits_signal_;
  uint32_t visits_there_ = 0;
};

}  // namespace vesper::spatial
