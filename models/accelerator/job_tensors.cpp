#include "models/accelerator/job_tensors.h"

#include <fmt/format.h>

#include <cstring>

#include "models/core/sim_error.h"
#include "platform/property/random.h"

namespace vesper::accelerator {

bool JobTensors::Task::chained(size_t layer) const {
  if (layer == 0) return false;
  const abi::MetadataEntry& before = layers[layer - 1];
  return before.m == layers[layer].m && before.n == layers[layer].k;
}

Tensor JobTensors::tensor(const Task& task, size_t layer, Matrix matrix, uint64_t offset) const {
  Tensor tensor = tensor_of(task.layers[layer], matrix, properties_, layout_);
  if (matrix != Matrix::b) tensor.base += offset;
  return tensor;
}

/// Weights are those of job 0.
uint64_t JobTensors::stream(observe::JobId job, size_t layer, Matrix matrix) const {
  uint64_t stream = seed_;
  for (uint64_t part : {uint64_t{job.task}, uint64_t{matrix == Matrix::b ? 0 : job.job}, uint64_t{layer},
                        static_cast<uint64_t>(matrix)}) {
    stream = stream_seed(stream, part);
  }
  return stream;
}

Elements JobTensors::drawn(const Task& task, observe::JobId job, size_t layer, Matrix matrix) const {
  const Tensor shape = tensor(task, layer, matrix, 0);
  Elements elements(shape.rows, shape.columns, shape.element_bytes);
  size_t count = size_t{shape.rows} * shape.columns;
  uint64_t seed = stream(job, layer, matrix);
  if (matrix == Matrix::b) {
    arithmetic_.draw_weights(seed, elements.bytes.data(), count, shape.rows);
  } else {
    arithmetic_.draw_inputs(seed, elements.bytes.data(), count);
  }
  return elements;
}

void JobTensors::move(const Tensor& tensor, bool write, Elements& elements) {
  for (uint32_t row = 0; row < tensor.rows; ++row) move_row(memory_, tensor, write, row, elements.row(row));
}

void JobTensors::check_fit(const std::string& task, const Tensor& tensor) {
  std::byte probe{};
  uint64_t last = tensor.base + tensor.bytes() - 1;
  bool fits = last >= tensor.base && memory_.move(tensor.matrix, false, tensor.base, &probe, 1) &&
              memory_.move(tensor.matrix, false, last, &probe, 1);
  if (fits) return;
  throw InputError(
      fmt::format("task '{}': a tensor of {} bytes at {:#x} lies outside of memory, and a functional "
                  "accelerator needs all "
                  "of them: make memory larger (`accelerator.tensor_memory` in fixed fidelity; the NoC's "
                  "address map and the "
                  "DDR part in burst), choose another `memory.tensor_base`, or smaller networks",
                  task, tensor.bytes(), tensor.base));
}

void JobTensors::add_task(uint16_t number, const std::string& name, std::vector<abi::MetadataEntry> layers) {
  Task& task = tasks_[number] = Task{name, std::move(layers)};
  for (size_t layer = 0; layer < task.layers.size(); ++layer) {
    for (Matrix matrix : {Matrix::a, Matrix::b, Matrix::c}) check_fit(name, tensor(task, layer, matrix, 0));
  }
  for (size_t layer = 0; layer < task.layers.size(); ++layer) {
    Elements weights = drawn(task, {number, 0}, layer, Matrix::b);
    move(tensor(task, layer, Matrix::b, 0), true, weights);
  }
}

void JobTensors::job_begins(observe::JobId job, uint64_t offset) {
  const Task& task = tasks_.at(job.task);
  for (size_t layer = 0; layer < task.layers.size(); ++layer) {
    if (task.chained(layer)) continue;
    Elements inputs = drawn(task, job, layer, Matrix::a);
    move(tensor(task, layer, Matrix::a, offset), true, inputs);
  }
}

void JobTensors::layer_ended(observe::JobId job, uint32_t layer, uint64_t offset) {
  const Task& task = tasks_.at(job.task);
  if (layer + 1 == task.layers.size() || !task.chained(layer + 1)) return;
  Tensor output = tensor(task, layer, Matrix::c, offset);
  Tensor input = tensor(task, layer + 1, Matrix::a, offset);
  std::vector<std::byte> elements(uint64_t{output.columns} * output.element_bytes);
  for (uint32_t row = 0; row < output.rows; ++row) {
    move_row(memory_, output, false, row, elements.data());
    move_row(memory_, input, true, row, elements.data());
  }
}

void JobTensors::job_completed(observe::JobId job, uint64_t offset) {
  const Task& task = tasks_.at(job.task);
  ++totals_.jobs_checked;
  std::optional<Elements> before;
  for (size_t layer = 0; layer < task.layers.size(); ++layer) {
    Elements a = task.chained(layer) ? std::move(*before) : drawn(task, job, layer, Matrix::a);
    Elements b = drawn(task, job, layer, Matrix::b);
    Elements c = reference_product(a, b, properties_.tile, arithmetic_);
    if (auto refuted = refuted_element(a, b, c, stream(job, layer, Matrix::c), arithmetic_)) {
      throw core::SimulationError(
          fmt::format("the reference product of layer {} of task '{}' is wrong at ({}, {})", layer, task.name,
                      refuted->first, refuted->second));
    }
    std::string wrong = difference(tensor(task, layer, Matrix::c, offset), c);
    if (!wrong.empty()) {
      ++totals_.mismatches;
      if (totals_.first.empty())
        totals_.first = fmt::format("task '{}', job {}, layer {}, {}", task.name, job.job, layer, wrong);
      return;
    }
    before = std::move(c);
  }
}

std::string JobTensors::difference(const Tensor& output, const Elements& expected) {
  std::vector<std::byte> row(uint64_t{output.columns} * output.element_bytes);
  uint64_t wrong = 0;
  std::string first;
  for (uint32_t r = 0; r < output.rows; ++r) {
    move_row(memory_, output, false, r, row.data());
    if (std::memcmp(row.data(), expected.at(r, 0), row.size()) == 0) continue;
    for (uint32_t c = 0; c < output.columns; ++c) {
      const std::byte* found = row.data() + uint64_t{c} * output.element_bytes;
      if (std::memcmp(found, expected.at(r, c), output.element_bytes) == 0) continue;
      ++wrong;
      if (first.empty())
        first = fmt::format("element ({}, {}) is {}, not {}", r, c, arithmetic_.text(found),
                            arithmetic_.text(expected.at(r, c)));
    }
  }
  if (wrong == 0) return "";
  return fmt::format("{}; {} of {} elements are wrong", first, wrong, uint64_t{output.rows} * output.columns);
}

}  // namespace vesper::accelerator
