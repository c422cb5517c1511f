/// The host's part of a functional run: puts tensors into memory and checks what jobs leave there.
///
/// Models      weights drawn once a task and layer, inputs once a job. A layer takes the output of the layer
///             before as its input where the shapes fit (M x N feeds M x K), else an input of its own. All
///             draws depend on seed, task, job and layer alone.
/// Timing      none: the host works in no time, through the back door of memory. Between two layers it brings
///             the output into the next input's padding and layout.
/// Check       when a job completes, every layer's output in memory is compared with reference_product, to
///             the bit, and up to 64 elements of the reference with plain loops. Nothing of a completed job
///             is kept.
/// Leaves out  biases, activation functions, what reshapes tensors between layers that do not fit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/accelerator/reference.h"
#include "models/accelerator/tensor.h"
#include "platform/observe/observer.h"

namespace vesper::accelerator {

class JobTensors {
 public:
  /// `memory` and `arithmetic` outlive this.
  JobTensors(const TileProperties& properties, Layout layout, uint64_t seed,
             const aie::Arithmetic& arithmetic, TensorMemory& memory)
      : properties_(properties), layout_(layout), seed_(seed), arithmetic_(arithmetic), memory_(memory) {}

  /// A task's layers, in order; writes its weights. Throws InputError when memory does not hold its tensors.
  void add_task(uint16_t task, const std::string& name, std::vector<abi::MetadataEntry> layers);

  // A job's tensors other than weights lie `offset` bytes behind where the layers say.
  void job_begins(observe::JobId job, uint64_t offset);
  void layer_ended(observe::JobId job, uint32_t layer, uint64_t offset);
  void job_completed(observe::JobId job, uint64_t offset);

  [[nodiscard]] const observe::FunctionalTotals& totals() const { return totals_; }

 private:
  struct Task {
    std::string name;
    std::vector<abi::MetadataEntry> layers;
    /// Whether the layer reads what the one before wrote.
    [[nodiscard]] bool chained(size_t layer) const;
  };

  [[nodiscard]] Tensor tensor(const Task& task, size_t layer, Matrix matrix, uint64_t offset) const;
  [[nodiscard]] uint64_t stream(observe::JobId job, size_t layer, Matrix matrix) const;
  [[nodiscard]] Elements drawn(const Task& task, observe::JobId job, size_t layer, Matrix matrix) const;
  void move(const Tensor& tensor, bool write, Elements& elements);
  void check_fit(const std::string& task, const Tensor& tensor);
  /// What is wrong with a layer's output in memory, in words; empty if nothing is.
  std::string difference(const Tensor& output, const Elements& expected);

  TileProperties properties_;
  Layout layout_;
  uint64_t seed_;
  const aie::Arithmetic& arithmetic_;
  TensorMemory& memory_;
  std::map<uint16_t, Task> tasks_;
  observe::FunctionalTotals totals_;
};

}  // namespace vesper::accelerator
