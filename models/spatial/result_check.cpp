#include "models/spatial/result_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "models/core/sim_error.h"

namespace vesper::spatial {

ResultCheck::ResultCheck(const core::Environment& environment) : plan_(environment.spatial) {
  for (uint16_t i = 0; i < environment.tasks.size(); ++i) {
    Task& task = tasks_.emplace_back();
    task.graph = plan_->graph_of(i);
    if (task.graph == nullptr) continue;
    task.values = std::make_unique<pl::Values>(environment.seed, environment.tasks[i].name);
    task.reference = std::make_unique<pl::GraphReference>(*task.graph, *task.values);
  }
}

void ResultCheck::check(const pl::StreamPacket& packet, std::span<const std::byte> rows) {
  if (packet.op == workload::Edge::kInput) return;
  const Task& task = tasks_.at(packet.job.task);
  const Key key{packet.job, packet.image};
  Image& image = image_of(task, key);
  compare(packet, rows, task, image.results[packet.op]);
  if (packet.op + 1 == task.graph->operators.size()) count(packet, key, image);
}

ResultCheck::Image& ResultCheck::image_of(const Task& task, const Key& key) {
  const auto [place, fresh] = images_.try_emplace(key);
  if (fresh) {
    place->second.results = task.reference->results(task.values->input(*task.graph, key.job.job, key.image));
    place->second.missing =
        uint64_t{task.graph->operators.back().rows} * task.graph->operators.back().columns;
  }
  return place->second;
}

void ResultCheck::compare(const pl::StreamPacket& packet, std::span<const std::byte> rows, const Task& task,
                          const pl::Matrix& expected) {
  const workload::Operator& op = task.graph->operators[packet.op];
  const size_t element = expected.element_bytes();
  const size_t row = packet.columns * element;
  const bool shaped = rows.size() == row * packet.rows && packet.first_row + packet.rows <= op.rows &&
                      packet.first_column + packet.columns <= op.columns;
  if (!shaped) throw core::SimulationError(fmt::format("a packet of {} that does not fit it", op.name));
  for (uint32_t i = 0; i < packet.rows; ++i) {
    const std::byte* is = rows.data() + i * row;
    const std::byte* must_be = expected.at(packet.first_row + i, packet.first_column);
    if (std::memcmp(is, must_be, row) == 0) continue;
    const auto at = static_cast<size_t>(std::mismatch(is, is + row, must_be).first - is);
    ++totals_.mismatches;
    totals_.first =
        fmt::format("{} of job {}, image {}: row {}, column {} is not what the reference gives", op.name,
                    packet.job.job, packet.image, packet.first_row + i, packet.first_column + at / element);
    throw core::SimulationError(totals_.first);
  }
}

void ResultCheck::count(const pl::StreamPacket& packet, const Key& key, Image& image) {
  image.missing -= std::min(image.missing, uint64_t{packet.rows} * packet.columns);
  if (image.missing > 0) return;
  images_.erase(key);
  if (++checked_[packet.job] < plan_->images_of(packet.job.task)) return;
  checked_.erase(packet.job);
  ++totals_.jobs_checked;
}

}  // namespace vesper::spatial
