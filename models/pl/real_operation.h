/// Operators from FP32 to FP32, row by row. SystemC-free.
#pragma once

#include "models/pl/operation.h"

namespace vesper::pl {

class RealOperation : public Operation {
 public:
  [[nodiscard]] bool takes(workload::Format in, const workload::Operator& op) const override {
    return in == workload::Format::fp32 && op.format == workload::Format::fp32;
  }
  /// Row by row; of several heads, head by head.
  void apply(const OperationWork& work) const override {
    const uint32_t together = columns_together(work.op);
    const size_t width = together == 1 ? work.columns : together;
    const size_t count = size_t{work.rows} * work.columns / width;
    for (size_t i = 0; i < count; ++i) {
      row(elements<float>(work.in, count * width).subspan(i * width, width),
          elements<float>(work.out, count * width).subspan(i * width, width), work);
    }
  }

 private:
  virtual void row(std::span<const float> in, std::span<float> out, const OperationWork& work) const = 0;
};

}  // namespace vesper::pl
