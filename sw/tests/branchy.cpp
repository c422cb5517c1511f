// A priority queue of 50 jobs kept as a policy keeps it: branches, calls and memory, without end.
#include <stdint.h>

namespace {

constexpr uint32_t kJobs = 50;

struct Job {
  uint64_t deadline;
  uint32_t task;
};

Job heap[kJobs + 1];
uint32_t size = 0;

uint64_t next_random() {
  static uint64_t state = 88172645463325252ULL;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

[[gnu::noinline]] void push(Job job) {
  uint32_t at = ++size;
  while (at > 1 && job.deadline < heap[at / 2].deadline) {
    heap[at] = heap[at / 2];
    at /= 2;
  }
  heap[at] = job;
}

[[gnu::noinline]] Job pop() {
  Job top = heap[1];
  Job last = heap[size--];
  uint32_t at = 1;
  while (2 * at <= size) {
    uint32_t child = 2 * at;
    if (child < size && heap[child + 1].deadline < heap[child].deadline) ++child;
    if (last.deadline <= heap[child].deadline) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return top;
}

}  // namespace

extern "C" void main() {
  for (uint32_t i = 0; i < kJobs; ++i) push({next_random() % 100000, i});
  for (;;) {
    Job job = pop();
    job.deadline += next_random() % 100000;
    push(job);
  }
}
