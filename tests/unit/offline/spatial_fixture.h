/// A model of designs for tests of the search: a transformer's stages, one formula a figure.
#pragma once

#include <algorithm>
#include <numeric>

#include "schedulers/offline/spatial_search.h"

namespace vesper::offline::test {

class SimpleModel final : public SpatialModel {
 public:
  /// SSR's DeiT-T with `blocks` blocks of 192 tokens.
  explicit SimpleModel(uint32_t blocks = 12) {
    add("embedding", 1, 192, 768, 192);
    add("qkv", blocks, 192, 192, 576);
    add("scores", blocks, 192, 64, 576, 3);
    add("context", blocks, 192, 192, 192, 3);
    add("projection", blocks, 192, 192, 192);
    add("fc1", blocks, 192, 192, 768);
    add("fc2", blocks, 192, 768, 192);
    add("head", 1, 1, 192, 1000);
    spine_.push_back(0);
    for (uint32_t block = 0; block < blocks; ++block) {
      for (uint8_t stage = 1; stage < 7; ++stage) spine_.push_back(stage);
    }
    spine_.push_back(7);
    for (uint8_t stage = 0; stage < 7; ++stage)
      edges_.push_back({stage, uint8_t(stage + 1), {}, stage == 0 || stage == 6 ? 1 : blocks});
    edges_.push_back({6, 1, {}, blocks - 1});
  }

  [[nodiscard]] const spatial::Device& device() const override { return device_; }
  spatial::Device& device() { return device_; }
  [[nodiscard]] const std::vector<SpatialStage>& stages() const override { return stages_; }
  [[nodiscard]] const std::vector<SpatialEdge>& edges() const override { return edges_; }
  [[nodiscard]] const std::vector<uint8_t>& spine() const override { return spine_; }
  [[nodiscard]] uint64_t operations() const override {
    uint64_t sum = 0;
    for (const SpatialStage& s : stages_) sum += uint64_t{2} * s.visits * s.rows * s.inner * s.columns;
    return sum;
  }

  [[nodiscard]] StageCost cost(uint8_t stage, const spatial::Accelerator& a) const {
    const SpatialStage& s = stages_[stage];
    uint32_t rounds = s.heads > 1 ? ceil(s.heads, a.units) : 1;
    uint32_t columns = s.heads > 1 ? s.columns / s.heads : ceil(s.columns, a.units);
    uint64_t steps = uint64_t{rounds} * ceil(s.rows, a.array.a * a.tile.h1) *
                     ceil(s.inner, a.array.b * a.tile.w1) * ceil(columns, a.array.c * a.tile.w2);
    uint64_t macs = uint64_t{a.tile.h1} * a.tile.w1 * a.tile.w2;
    uint64_t time = steps * (macs * 1000 / device_.macs + device_.step_overhead.ps);
    return {time, time};
  }
  void costs(StageSet stages, const spatial::Accelerator& accelerator,
             std::vector<StageCost>& out) const override {
    out.clear();
    for (uint8_t i = 0; i < stages_.size(); ++i) {
      if ((stages >> i & 1) != 0) out.push_back(cost(i, accelerator));
    }
  }
  [[nodiscard]] std::optional<spatial::Resources> resources(StageSet /*stages*/,
                                                            const spatial::Accelerator& a) const override {
    const auto& [x, y, z] = a.array;
    return spatial::Resources{
        a.units * x * y * z, a.units * (a.pinned ? x * y : (x + z) * y), a.units * x * z, 0, 0, 0};
  }
  [[nodiscard]] spatial::Banks written(const SpatialEdge& /*edge*/,
                                       const spatial::Accelerator& a) const override {
    return {a.array.a, a.array.c * a.units};
  }
  [[nodiscard]] spatial::Banks read(const SpatialEdge& /*edge*/,
                                    const spatial::Accelerator& a) const override {
    return {a.array.a, a.array.b};
  }
  [[nodiscard]] uint64_t move_ps(const SpatialEdge& /*edge*/, const spatial::Banks& from,
                                 const spatial::Banks& to) const override {
    return spatial::compatible(from, to) ? 0 : 10'000'000;
  }
  /// Layers of each image in order, images one after the other wherever they meet.
  [[nodiscard]] std::optional<DesignCost> evaluate(const spatial::Design& design) const override;

 private:
  static uint32_t ceil(uint32_t a, uint32_t b) { return (a + b - 1) / b; }
  void add(const char* name, uint32_t visits, uint32_t rows, uint32_t inner, uint32_t columns,
           uint32_t heads = 1) {
    SpatialStage stage;
    stage.name = name;
    stage.visits = stage.spine_visits = visits;
    stage.rows = rows;
    stage.inner = inner;
    stage.columns = columns;
    stage.heads = heads;
    stage.attention = heads > 1;
    stages_.push_back(stage);
  }
  spatial::Device device_;
  std::vector<SpatialStage> stages_;
  std::vector<SpatialEdge> edges_;
  std::vector<uint8_t> spine_;
};

inline std::optional<DesignCost> SimpleModel::evaluate(const spatial::Design& design) const {
  std::vector<const spatial::Accelerator*> of(stages_.size());
  std::vector<size_t> number(stages_.size());
  for (size_t i = 0; i < design.accelerators.size(); ++i) {
    for (const std::string& name : design.accelerators[i].stages) {
      size_t stage = 0;
      while (stages_[stage].name != name) ++stage;
      of[stage] = &design.accelerators[i];
      number[stage] = i;
    }
  }
  struct Image {
    uint64_t ready = 0;
    size_t next = 0;
  };
  std::vector<Image> images(design.images);
  std::vector<uint64_t> free(design.accelerators.size(), 0);
  uint64_t end = 0;
  for (size_t left = images.size() * spine_.size(); left > 0; --left) {
    Image* best = nullptr;
    uint64_t start = UINT64_MAX;
    for (Image& image : images) {
      if (image.next == spine_.size()) continue;
      uint64_t at = std::max(image.ready, free[number[spine_[image.next]]]);
      if (at < start) {
        start = at;
        best = &image;
      }
    }
    uint8_t stage = spine_[best->next];
    free[number[stage]] = start + cost(stage, *of[stage]).busy_ps;
    best->ready = free[number[stage]];
    ++best->next;
    if (best->next < spine_.size()) {
      uint8_t to = spine_[best->next];
      best->ready += move_ps({}, written({}, *of[stage]), read({}, *of[to]));
    }
    end = std::max(end, best->ready);
  }
  return DesignCost{end, {}};
}

}  // namespace vesper::offline::test
