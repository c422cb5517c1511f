/// Streams of rows between engines in programmable logic, arrays and on-chip memory.
///
/// Protocol    a write by `b_transport` with a StreamPacket as its extension: so many rows of one matrix,
///             whole in the columns that the packet names. The call is made at or before the time at which
///             the first row arrives; it takes no simulated time and wakes nobody: arrival times stand in the
///             packet, so that a chain of engines is worked out row by row in one call.
/// Times       picoseconds. A row is at the receiver when all of it is; rows between the first and the last
///             come at equal distances. The receiver answers in the packet: when it has taken the last row,
///             and when that row is at the end of its way.
/// Data        in a functional run the payload's bytes are the rows, one after the other, in `format`; else
///             it has none.
#pragma once

#include <cstdint>
#include <tlm>

#include "platform/observe/observer.h"
#include "platform/workload/graph.h"

namespace vesper::pl {

struct StreamPacket : tlm::tlm_extension<StreamPacket> {
  observe::JobId job;  ///< of the job that its input belongs to: a task of the scenario
  uint32_t image = 0;  ///< which input of that job
  uint32_t op = 0;     ///< number of the operator in the network's graph whose rows these are
  uint32_t first_row = 0, rows = 0;
  uint32_t first_column = 0, columns = 0;
  workload::Format format = workload::Format::int8;
  bool by_rows = true;  ///< engines take rows as they come; else when the last row of the matrix is there
  uint64_t first_ps = 0, last_ps = 0;
  uint64_t step_end_ps = 0;  ///< of the array's step that completed the rows: nowhere are they there before
  uint64_t deadline_ps = 0;  ///< of the job, with all of whose rows it goes along
  uint32_t weight = 0;       ///< importance of the job; 0: its task's

  uint64_t taken_ps = 0;  ///< answer: the receiver has taken the last row and has room for another packet
  uint64_t done_ps = 0;   ///< answer: the last row has reached the memory or the port that it goes to

  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new StreamPacket(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const StreamPacket&>(other);
  }
};

}  // namespace vesper::pl
