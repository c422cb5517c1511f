/// Image DMA: takes the jobs of networks that run on a spatial design, loads their inputs from DDR, and
/// stores what comes out.
///
/// Models      the DMA between DDR and a design's streams. A job has one input or several (Plan::images_of).
///             Jobs are taken out of the job release module's FIFOs in order of their releases, one of each
///             task ahead; at most `design.images` inputs are in the design at once, over all jobs. One that
///             is let in is loaded behind those before it; its place is free when its result is stored.
/// Timing      `fixed` memory: an input takes the port's latency and its bytes at the port's rate, its rows
///             come at equal distances in that time, the last at its end. `burst` memory: DMA bursts, in
///             groups of `rows` rows that go on when their last byte is there. A result is stored once its
///             last row is here, as a whole. Loads and stores have ports of their own. No rounding to edges
///             in `fixed`.
/// Jobs        a job is complete when the results of all its inputs are stored: observers are told of the
///             completion, and of the end of a region 0, the job's last, on no accelerator (kNoAccelerator).
/// Functional  inputs are drawn from the seed, the task and the numbers of job and input
///             (models/pl/values.h).
/// Endpoints   `out` (initiator; models/pl/stream.h) and `results` (target), both of the stream switch;
///             `releases` (initiator; scheduler/release_port.h) and `release_available` (input) of the job
///             release module; `load` and `store` (initiators) to memory.
/// Leaves out  the processor that starts it. Values travel with the rows; ports move time and addresses.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>

#include "models/core/ip.h"
#include "models/pl/values.h"
#include "models/spatial/memory_port.h"
#include "models/spatial/plan.h"
#include "models/spatial/stream_port.h"
#include "sw/abi/job_release.h"

namespace vesper::spatial {

/// RegionEnded::accelerator of what ends on none.
constexpr uint16_t kNoAccelerator = 0xFFFF;

class ImageDma : public core::Ip {
 public:
  struct Properties : MemoryPortProperties {
    Frequency clock = MHz(230);  // VCK190, SSR
    uint32_t rows = 16;          // a row of patches of a 256 pixels wide image; assumed
    static void describe(Schema<Properties>& p);
  };
  ImageDma(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment);

  tlm_utils::simple_initiator_socket_optional<ImageDma> out{"out"};
  tlm_utils::simple_target_socket_optional<ImageDma> results{"results"};
  tlm_utils::simple_initiator_socket_optional<ImageDma> releases{"releases"};
  core::InterruptIn release_available{[this](bool level) { on_release(level); }};

  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

 private:
  struct Job {
    observe::JobId id;
    uint64_t release_ps = 0, deadline_ps = 0;
    uint32_t weight = 0;
    uint32_t admitted = 0, stored = 0;  ///< inputs
  };
  struct Image {
    bool live = false;
    Job* job = nullptr;
    uint32_t image = 0;
    uint32_t rows_loaded = 0;
    uint64_t missing = 0;  ///< elements of the result
    uint64_t last_ps = 0;
    uint64_t input_at = 0, result_at = 0;  ///< addresses
    pl::Matrix values;
  };

  void start_of_simulation() override;
  void on_release(bool level);
  void take_releases();
  bool take(uint16_t task);
  /// The job whose inputs are let in next, or null.
  Job* next_job();
  void admit();
  void let_in(Job& job);
  void load(Image& image);
  void load_done(uint32_t place);
  void send(Image& image, uint32_t rows, uint64_t first_ps, uint64_t last_ps);
  void rows_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void take_rows(pl::StreamPacket& packet);
  void results_due();  // SC_METHOD on due_
  void store_done(uint32_t place);
  void complete(Job& job);
  void read_releases(uint64_t address, void* data, unsigned bytes);
  void show();

  const std::shared_ptr<const Plan> plan_;
  observe::ObserverHub& observers_;
  const uint32_t group_rows_;
  const std::vector<std::string> names_;  // of tasks
  std::vector<pl::Values> values_;        // by task; empty where times are all there is
  MemoryPort load_, store_;
  std::shared_ptr<core::SpareMemory> spare_;
  uint64_t input_bytes_ = 0, result_bytes_ = 0;  // of the largest

  std::vector<uint16_t> tasks_;                // that run on the design
  std::vector<std::unique_ptr<Job>> waiting_;  // by place in tasks_: taken, not all inputs let in
  std::vector<std::unique_ptr<Job>> inside_;   // all inputs let in
  std::vector<std::unique_ptr<Image>> images_;
  uint32_t live_ = 0;
  bool admitting_ = false;
  StreamCall rows_;
  DueQueue<uint32_t> due_;  // places of images whose result is here
  tlm::tlm_generic_payload release_payload_;
  uint64_t stored_images_ = 0, stored_jobs_ = 0;
  observe::Signal images_signal_;
};

}  // namespace vesper::spatial
