#include "models/accelerator/functional_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/core/sim_error.h"
#include "models/ddr/storage.h"

namespace vesper::accelerator {
namespace {

class OwnMemory final : public TensorMemory {
 public:
  OwnMemory(uint64_t first, uint64_t bytes) : first_(first), bytes_(bytes), storage_(bytes) {}
  bool move(Matrix /*matrix*/, bool write, uint64_t address, std::byte* data, uint64_t bytes) override {
    if (address < first_ || bytes > bytes_ || address - first_ > bytes_ - bytes) return false;
    auto* raw = reinterpret_cast<unsigned char*>(data);
    if (write) {
      storage_.write(address - first_, raw, bytes);
    } else {
      storage_.read(address - first_, raw, bytes);
    }
    return true;
  }

 private:
  uint64_t first_, bytes_;
  ddr::Storage storage_;
};

}  // namespace

std::unique_ptr<TensorMemory> own_memory(const std::vector<FunctionalData::Task>& tasks, uint64_t bytes) {
  uint64_t lowest = ~uint64_t{0};
  for (const FunctionalData::Task& task : tasks) {
    for (const abi::MetadataEntry& layer : task.layers)
      lowest = std::min({lowest, layer.a, layer.b, layer.c, layer.partial});
  }
  return std::make_unique<OwnMemory>(lowest, bytes);
}

void FunctionalProperties::check(uint32_t element_bytes) const {
  if (!functional) {
    if (functional_fault == Fault::none) return;
    throw std::invalid_argument(
        "functional_fault plants an error in values, and there are none without 'functional: true'");
  }
  if (aie::find_arithmetic(element_bytes) != nullptr) return;
  throw std::invalid_argument(fmt::format(
      "functional computes elements of 4 bytes (FP32) or 1 byte (INT8), not of {}: set element_bytes "
      "to one of them, or functional to false",
      element_bytes));
}

FunctionalData::FunctionalData(const TileProperties& properties, Layout layout, Fault fault, uint64_t seed,
                               std::unique_ptr<TensorMemory> memory, const JobMemory& job_memory,
                               const std::vector<Task>& tasks)
    : properties_(properties),
      layout_(layout),
      memory_(std::move(memory)),
      job_memory_(job_memory),
      chip_(properties, *aie::find_arithmetic(properties.element_bytes), fault),
      tensors_(properties, layout, seed, *aie::find_arithmetic(properties.element_bytes), *memory_) {
  for (const Task& task : tasks) tensors_.add_task(task.number, task.name, task.layers);
}

void FunctionalData::job_begins(observe::JobId job) { tensors_.job_begins(job, job_memory_.offset(job)); }

void FunctionalData::job_completed(observe::JobId job) {
  tensors_.job_completed(job, job_memory_.offset(job));
}

void FunctionalData::run_phase(const Phase& phase, observe::JobId job) {
  if (phase.load) {
    move_tile(phase, Matrix::a, job);
    move_tile(phase, Matrix::b, job);
  }
  if (phase.uses_c()) move_tile(phase, Matrix::c, job);
  phase_ended(phase, job);
}

void FunctionalData::move_tile(const Phase& phase, Matrix matrix, observe::JobId job) {
  const TileTransfer tile = transfer_of(phase, matrix, properties_, layout_, job_memory_.offset(job));
  std::byte* data = chip_.transfer_data(phase, matrix);
  for (uint32_t row = 0; row < tile.rows; ++row, data += tile.row_bytes) {
    const uint64_t at = tile.address + row * tile.stride;
    if (memory_->move(matrix, tile.write, at, data, tile.row_bytes)) continue;
    throw core::SimulationError(
        fmt::format("there is no memory at {:#x} for {} bytes of a tile; give the "
                    "accelerator a larger tensor_memory",
                    at, tile.row_bytes));
  }
}

void FunctionalData::phase_ended(const Phase& phase, observe::JobId job) {
  chip_.phase_ended(phase);
  const abi::MetadataEntry& entry = *phase.entry;
  const bool layer_ends =
      phase.store &&
      phase.iteration + 1 == TileWalk(entry.m, entry.k, entry.n, properties_.tile).iterations();
  if (layer_ends) tensors_.layer_ended(job, entry.layer, job_memory_.offset(job));
}

}  // namespace vesper::accelerator
