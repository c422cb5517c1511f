/// A binary min-heap of jobs, as the hardware scheduler's: insertion sifts up from the last leaf, removal of
/// the root sifts the last leaf down. Counts the levels it moves. Ties keep the order of acceptance.
#pragma once

#include "schedulers/policy/policy.h"

namespace vesper::policy {

/// `Before(a, b)`: whether job a runs before job b, ties not counted.
template <class Before>
class Heap {
 public:
  explicit Heap(const JobTable& jobs) : jobs_(jobs) {}

  [[nodiscard]] uint16_t size() const { return size_; }
  [[nodiscard]] JobRef top() const { return size_ == 0 ? JobRef{} : heap_[0]; }
  [[nodiscard]] JobRef at(uint16_t i) const { return i < size_ ? heap_[i] : JobRef{}; }

  void push(JobRef job, Work& work) {
    uint16_t i = size_++;
    heap_[i] = job;
    work.levels_up += sift_up(i);
  }

  void remove(JobRef job, Work& work) {
    uint16_t i = 0;
    while (i < size_ && !(heap_[i] == job)) ++i;
    if (i == size_) return;
    heap_[i] = heap_[--size_];
    if (i == size_) return;
    uint32_t up = sift_up(i);
    work.levels_up += up;
    if (up == 0) work.levels_down += sift_down(i);
  }

 private:
  [[nodiscard]] bool less(JobRef a, JobRef b) const {
    const Job& first = jobs_[a];
    const Job& second = jobs_[b];
    Before before;
    if (before(first, second)) return true;
    if (before(second, first)) return false;
    return first.arrival < second.arrival;
  }

  uint32_t sift_up(uint16_t i) {
    uint32_t levels = 0;
    while (i > 0) {
      auto parent = static_cast<uint16_t>((i - 1) / 2);
      if (!less(heap_[i], heap_[parent])) break;
      swap(i, parent);
      i = parent;
      ++levels;
    }
    return levels;
  }

  uint32_t sift_down(uint16_t i) {
    uint32_t levels = 0;
    for (;;) {
      uint32_t child = 2U * i + 1;
      if (child >= size_) break;
      if (child + 1 < size_ && less(heap_[child + 1], heap_[child])) ++child;
      if (!less(heap_[child], heap_[i])) break;
      swap(i, static_cast<uint16_t>(child));
      i = static_cast<uint16_t>(child);
      ++levels;
    }
    return levels;
  }

  void swap(uint16_t a, uint16_t b) {
    JobRef held = heap_[a];
    heap_[a] = heap_[b];
    heap_[b] = held;
  }

  const JobTable& jobs_;
  JobRef heap_[kMaxJobs];
  uint16_t size_ = 0;
};

/// A policy whose order is fixed when a job is released: the root of the heap runs.
template <class Before>
class HeapPolicy : public Policy {
 public:
  explicit HeapPolicy(const JobTable& table) : Policy(table), heap_(table) {}
  void release(JobRef job) final { heap_.push(job, work_); }
  JobRef next(Time) final { return heap_.top(); }
  void complete(JobRef job) final { heap_.remove(job, work_); }
  [[nodiscard]] JobRef queued(uint16_t i) const final { return heap_.at(i); }

 protected:
  ~HeapPolicy() = default;

 private:
  Heap<Before> heap_;
};

}  // namespace vesper::policy
