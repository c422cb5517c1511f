/// A model of designs for tests of the search: a chain of stages, one formula a figure.
#pragma once

#include <algorithm>
#include <numeric>

#include "schedulers/offline/spatial_search.h"

namespace vesper::offline::test {

class SimpleModel final : public SpatialModel {
 public:
  /// SSR's DeiT-T with `blocks` blocks of 192 tokens.
  static SimpleModel deit(uint32_t blocks = 12) {
    return SimpleModel({{"embedding", 192, 768, 192, 1, false},
                        {"qkv", 192, 192, 576, 1, true},
                        {"scores", 192, 64, 576, 3, true},
                        {"context", 192, 192, 192, 3, true},
                        {"projection", 192, 192, 192, 1, true},
                        {"fc1", 192, 192, 768, 1, true},
                        {"fc2", 192, 768, 192, 1, true},
                        {"head", 1, 192, 1000, 1, false}},
                       blocks);
  }
  /// Four stages on 24 AIEs, few enough to try everything.
  static SimpleModel small() {
    SimpleModel model({{"first", 64, 64, 64, 1, true},
                       {"scores", 64, 32, 64, 2, true},
                       {"second", 64, 64, 128, 1, true},
                       {"head", 1, 64, 32, 1, false}},
                      3);
    model.device_.aie = 24;
    return model;
  }

  struct Shape {
    const char* name;
    uint32_t rows, inner, columns, heads;
    bool recurs;
  };
  /// A chain of stages, those that recur one after the other so many times.
  SimpleModel(const std::vector<Shape>& shapes, uint32_t blocks) {
    size_t first = 0;
    while (!shapes[first].recurs) ++first;
    size_t last = shapes.size() - 1;
    while (!shapes[last].recurs) --last;
    for (size_t i = 0; i < shapes.size(); ++i) {
      const Shape& shape = shapes[i];
      uint32_t visits = shape.recurs ? blocks : 1;
      stages_.push_back(
          {shape.name, visits, visits, shape.rows, shape.inner, shape.columns, shape.heads, shape.heads > 1});
      uint32_t along = shape.recurs && i < last ? blocks : 1;
      if (i + 1 < shapes.size()) connect(i, i + 1, along);
    }
    if (blocks > 1) connect(last, first, blocks - 1);
    for (size_t i = 0; i < first; ++i) spine_.push_back(static_cast<uint8_t>(i));
    for (uint32_t block = 0; block < blocks; ++block) {
      for (size_t i = first; i <= last; ++i) spine_.push_back(static_cast<uint8_t>(i));
    }
    for (size_t i = last + 1; i < shapes.size(); ++i) spine_.push_back(static_cast<uint8_t>(i));
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
  void array_ps(StageSet stages, const spatial::Accelerator& accelerator,
                std::vector<uint64_t>& out) const override {
    out.clear();
    for (uint8_t i = 0; i < stages_.size(); ++i) {
      if ((stages >> i & 1) != 0) out.push_back(cost(i, accelerator).busy_ps);
    }
  }
  [[nodiscard]] StageCost cost(uint8_t /*stage*/, const spatial::Accelerator& /*accelerator*/,
                               uint64_t array_ps) const override {
    return {array_ps, array_ps};
  }
  [[nodiscard]] std::optional<spatial::Resources> resources(StageSet /*stages*/,
                                                            const spatial::Accelerator& a) const override {
    const auto& [x, y, z] = a.array;
    return spatial::Resources{
        a.units * x * y * z, a.units * (a.pinned ? x * y : (x + z) * y), a.units * x * z, 0, 0, 0};
  }
  void written(const SpatialEdge& /*edge*/, const spatial::Accelerator& a,
               std::vector<spatial::Banks>& out) const override {
    out.push_back({a.array.a, a.array.c * a.units});
  }
  void read(const SpatialEdge& /*edge*/, const spatial::Accelerator& a,
            std::vector<spatial::Banks>& out) const override {
    out.push_back({a.array.a, a.array.b});
  }
  [[nodiscard]] uint64_t move_ps(const SpatialEdge& /*edge*/, std::span<const spatial::Banks> from,
                                 std::span<const spatial::Banks> to) const override {
    return spatial::compatible(from[0], to[0]) ? 0 : 10'000'000;
  }
  /// Layers of each image in order, images one after the other wherever they meet.
  [[nodiscard]] std::optional<DesignCost> evaluate(const spatial::Design& design) const override;

 private:
  static uint32_t ceil(uint32_t a, uint32_t b) { return (a + b - 1) / b; }
  void connect(size_t from, size_t to, uint32_t visits) {
    edges_.push_back({static_cast<uint8_t>(from), static_cast<uint8_t>(to), visits, {0}});
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
      std::vector<spatial::Banks> from, there;
      written({}, *of[stage], from);
      read({}, *of[to], there);
      best->ready += move_ps({}, from, there);
    }
    end = std::max(end, best->ready);
  }
  return DesignCost{end, {}};
}

}  // namespace vesper::offline::test
