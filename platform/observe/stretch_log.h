/// `stretches.csv`: a row a stretch, the time a job holds an accelerator without another job in between.
///
/// A stretch begins with an instruction, or where the region before ends if that is later (instructions sent
/// ahead of need), and ends with its last region. Its time is divided without a rest: `scheduler_s` between
/// the end of a region and the next instruction of the same job, `swap_s` swapping jobs out and in with the
/// work done again for it, `compute_s` the compute engine's work, `stall_s` what is left: the array waits
/// for loads and stores that compute does not hide, or for the launch of a region. Rows come as stretches
/// end. A region that had not ended when the run did is left out.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "platform/observe/file_writer.h"
#include "platform/observe/run_info.h"

namespace vesper::observe {

class StretchLog final : public Observer {
 public:
  StretchLog(const std::filesystem::path& path, const RunInfo& run);

  /// Writes the stretches that other jobs have not ended and closes the file.
  void finish();

  [[nodiscard]] uint32_t topics() const override { return bit(Topic::instruction) | bit(Topic::region); }
  void instruction_issued(const InstructionIssued& event) override;
  void region_ended(const RegionEnded& event) override;

 private:
  struct Stretch {
    JobId job;
    Time start = 0;
    Time end = 0;
    uint64_t regions = 0;
    Time scheduler = 0;
    Time swap = 0;
    Time compute = 0;
  };
  struct Accelerator {
    std::deque<Time> issued;  ///< instructions whose regions have not ended
    Time last_end = 0;
    std::optional<Stretch> stretch;
  };

  void add_region(Accelerator& accelerator, const RegionEnded& event, Time begin);
  void write(size_t accelerator);

  CsvNames tasks_;
  CsvNames names_;
  std::vector<Accelerator> accelerators_;
  CsvWriter table_;
};

}  // namespace vesper::observe
