/// `steps.csv`: a row an accelerator operation, in the order they are told.
#pragma once

#include "platform/observe/file_writer.h"
#include "platform/observe/run_info.h"

namespace vesper::observe {

class StepLog final : public Observer {
 public:
  StepLog(const std::filesystem::path& path, const RunInfo& run);

  void close() { table_.close(); }

  [[nodiscard]] uint32_t topics() const override { return bit(Topic::operation); }
  void operation(const Operation& event) override;

 private:
  CsvNames tasks_;
  CsvNames accelerators_;
  CsvWriter table_;
};

}  // namespace vesper::observe
