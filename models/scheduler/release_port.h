/// The `fifo` socket between the job release module and a scheduler block: plain reads, no time of their own.
#pragma once

#include <cstdint>

#include "schedulers/policy/job.h"
#include "sw/abi/job_release.h"

namespace vesper::scheduler::release_port {

/// A read of sizeof(abi::ReleaseWords) at task * kStride takes the task's oldest job out of its FIFO.
constexpr uint64_t kStride = 64;
/// A read of 8 bytes here: bit i is set while a job of task i waits in its FIFO; takes nothing.
constexpr uint64_t kWaiting = kStride * policy::kMaxTasks;
/// A read of 4 bytes here: the task whose oldest waiting job comes first in core::Release::order, the least
/// task among equals; takes nothing. For schedulers without costs of their own, which are bound by no order
/// of reading FIFOs.
constexpr uint64_t kFirst = kWaiting + 8;

}  // namespace vesper::scheduler::release_port
