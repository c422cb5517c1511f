#include "models/npu/activation_buffers.h"

#include <gmock/gmock.h>

namespace vesper::npu {
namespace {

constexpr observe::JobId kA{0, 0}, kB{1, 0}, kC{2, 0};

Activations output(observe::JobId job, uint32_t bytes) { return {job, 0, 0x1000, bytes}; }

TEST(ActivationBuffers, NothingMovesWhileThereAreEnough) {
  ActivationBuffers buffers(2);
  for (int i = 0; i < 3; ++i) {
    for (observe::JobId job : {kA, kB}) {
      const ActivationBuffers::Swap swap = buffers.enter(job);
      EXPECT_FALSE(swap.store || swap.load);
      buffers.leave(output(job, 10));
    }
  }
}

TEST(ActivationBuffers, TheLeastRecentlyUsedIsGivenUp) {
  ActivationBuffers buffers(2);
  for (observe::JobId job : {kA, kB, kA}) {
    buffers.enter(job);
    buffers.leave(output(job, job == kA ? 10 : 20));
  }
  ActivationBuffers::Swap swap = buffers.enter(kC);
  ASSERT_TRUE(swap.store);
  EXPECT_EQ(swap.store->job, kB);
  EXPECT_EQ(swap.store->bytes, 20U);
  EXPECT_FALSE(swap.load);
  buffers.leave(output(kC, 30));
  swap = buffers.enter(kB);
  EXPECT_EQ(swap.store->job, kA);
  EXPECT_EQ(swap.load->job, kB);
  EXPECT_EQ(swap.load->bytes, 20U);
}

TEST(ActivationBuffers, AnEndedJobLeavesItsBufferEmpty) {
  ActivationBuffers buffers(1);
  buffers.enter(kA);
  buffers.leave(output(kA, 10));
  buffers.release(kA);
  ActivationBuffers::Swap swap = buffers.enter(kB);
  EXPECT_FALSE(swap.store || swap.load);
  buffers.leave(output(kB, 10));
  buffers.release(kB);
  swap = buffers.enter(kA);
  EXPECT_FALSE(swap.load);
}

TEST(ActivationBuffers, WhatHasLeftNothingYetIsNotStored) {
  ActivationBuffers buffers(1);
  buffers.enter(kA);
  EXPECT_FALSE(buffers.enter(kB).store);
  EXPECT_FALSE(buffers.enter(kA).load);
}

}  // namespace
}  // namespace vesper::npu
