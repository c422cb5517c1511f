/// A first-in first-out queue in one block of memory that doubles when it is full.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace vesper::core {

template <class T>
class Ring {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] const T& front() const { return slots_[head_]; }
  [[nodiscard]] T& front() { return slots_[head_]; }
  void push(const T& item) {
    if (size_ == slots_.size()) grow();
    slots_[(head_ + size_++) & (slots_.size() - 1)] = item;
  }
  void pop() {
    head_ = (head_ + 1) & (slots_.size() - 1);
    --size_;
  }

 private:
  void grow() {
    std::vector<T> wider(slots_.size() * 2);
    for (size_t i = 0; i < size_; ++i) wider[i] = slots_[(head_ + i) & (slots_.size() - 1)];
    slots_ = std::move(wider);
    head_ = 0;
  }

  std::vector<T> slots_ = std::vector<T>(64);
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace vesper::core
