#include "models/core/initiator.h"

#include <gmock/gmock.h>

#include <numeric>

#include "models/core/payload_pool.h"
#include "models/core/sim_error.h"

namespace vesper::core {
namespace {

using ::testing::HasSubstr;

class InitiatorTest : public ::testing::Test {
 protected:
  tlm::tlm_generic_payload& payload(uint64_t issued) {
    JobTag tag;
    tag.task = 1;
    tag.job = 7;
    tag.issued = issued;
    return pool_.allocate(tlm::TLM_WRITE_COMMAND, 0x1000, 256, tag);
  }
  PayloadPool pool_;
};

TEST_F(InitiatorTest, WhatNobodyAccountedForIsOtherAndAfterTheAnswerComesThePort) {
  tlm::tlm_generic_payload& made = payload(100);
  Latency& latency = *latency_of(made);
  latency.add(LatencyPart::service, 300);
  close_ledger(made, 1100, 1150);
  EXPECT_EQ(latency.of(LatencyPart::service), 300U);
  EXPECT_EQ(latency.of(LatencyPart::other), 700U);
  EXPECT_EQ(latency.of(LatencyPart::port), 50U);
  EXPECT_EQ(latency.sum(), 1050U);
  made.release();
}

TEST_F(InitiatorTest, MoreThanTheTimeThatPassedIsAFailure) {
  tlm::tlm_generic_payload& made = payload(100);
  latency_of(made)->add(LatencyPart::network, 1001);
  close_ledger(made, 1100, 1100);
  EXPECT_EQ(failure_message(), "a payload at 0x1000 took 1000 ps, of which 1001 ps are accounted for");
  made.release();
}

TEST_F(InitiatorTest, AFailureNamesWhoAskedForWhomAndWhatItMeans) {
  tlm::tlm_generic_payload& made = payload(0);
  made.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(
      failure_of(made, "dma", {"camera", "lidar"}),
      "dma: write of 256 bytes at 0x1000 for lidar job 7 failed at 0 ps: TLM_GENERIC_ERROR_RESPONSE (bus "
      "error)");
  EXPECT_THAT(failure_of(made, "lidar", {"camera", "lidar"}), HasSubstr("at 0x1000 failed at 0 ps"));
  EXPECT_THAT(failure_of(made, "dma", {}), HasSubstr("for requester 1 job 7"));
  made.release();
}

}  // namespace
}  // namespace vesper::core
