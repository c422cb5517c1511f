#include "models/core/payload_pool.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace vesper::core {
namespace {

struct Note : tlm::tlm_extension<Note> {
  static inline int alive = 0;
  Note() { ++alive; }
  ~Note() override { --alive; }
  Note(const Note&) = delete;
  Note& operator=(const Note&) = delete;
  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new Note; }
  void copy_from(const tlm::tlm_extension_base&) override {}
};

JobTag tag_with(uint16_t task, uint32_t transfer) {
  JobTag tag;
  tag.task = task;
  tag.job = 2;
  tag.layer = 3;
  tag.transfer = transfer;
  tag.qos = QosClass::isochronous;
  tag.issued = 9;
  return tag;
}

TEST(PayloadPool, HandsOutWhatWasAskedFor) {
  PayloadPool pool;
  tlm::tlm_generic_payload& payload =
      pool.allocate(tlm::TLM_WRITE_COMMAND, 0x8'0000'1000, 4096, tag_with(7, 11));
  EXPECT_TRUE(payload.is_write());
  EXPECT_EQ(payload.get_address(), 0x8'0000'1000U);
  EXPECT_EQ(payload.get_data_length(), 4096U);
  EXPECT_EQ(payload.get_streaming_width(), 4096U);
  EXPECT_NE(payload.get_data_ptr(), nullptr);
  EXPECT_EQ(payload.get_byte_enable_ptr(), nullptr);
  EXPECT_FALSE(payload.is_dmi_allowed());
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
  EXPECT_EQ(payload.get_ref_count(), 1);
  EXPECT_EQ(tag_of(payload).task, 7);
  EXPECT_EQ(tag_of(payload).job, 2U);
  EXPECT_EQ(tag_of(payload).layer, 3U);
  EXPECT_EQ(tag_of(payload).transfer, 11U);
  EXPECT_EQ(tag_of(payload).qos, QosClass::isochronous);
  EXPECT_EQ(tag_of(payload).issued, 9U);
  payload.release();
}

TEST(PayloadPool, APayloadIsUsedAgainAndNothingOfItsPastIsLeft) {
  PayloadPool pool;
  tlm::tlm_generic_payload& first = pool.allocate(tlm::TLM_WRITE_COMMAND, 1, 64, tag_with(1, 1));
  unsigned char enable = 0;
  first.set_byte_enable_ptr(&enable);
  first.set_dmi_allowed(true);
  first.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  first.set_data_ptr(&enable);
  first.release();
  EXPECT_EQ(pool.in_use(), 0U);
  tlm::tlm_generic_payload& second = pool.allocate(tlm::TLM_READ_COMMAND, 2, 32, tag_with(2, 2));
  EXPECT_EQ(&second, &first);
  EXPECT_TRUE(second.is_read());
  EXPECT_EQ(second.get_byte_enable_ptr(), nullptr);
  EXPECT_FALSE(second.is_dmi_allowed());
  EXPECT_EQ(second.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
  EXPECT_NE(second.get_data_ptr(), &enable);
  EXPECT_EQ(tag_of(second).task, 2);
  EXPECT_EQ(tag_of(second).transfer, 2U);
  second.release();
}

TEST(PayloadPool, AnotherOwnerKeepsAPayloadAlive) {
  PayloadPool pool;
  tlm::tlm_generic_payload& payload = pool.allocate(tlm::TLM_READ_COMMAND, 0, 64, {});
  payload.acquire();
  payload.release();
  EXPECT_EQ(pool.in_use(), 1U);
  tlm::tlm_generic_payload& other = pool.allocate(tlm::TLM_READ_COMMAND, 0, 64, {});
  EXPECT_NE(&other, &payload);
  payload.release();
  other.release();
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST(PayloadPool, AutomaticExtensionsOfATargetEndWithThePayload) {
  PayloadPool pool;
  tlm::tlm_generic_payload& payload = pool.allocate(tlm::TLM_READ_COMMAND, 0, 64, tag_with(1, 1));
  payload.set_auto_extension(new Note);
  payload.release();
  EXPECT_EQ(Note::alive, 0);
  tlm::tlm_generic_payload& again = pool.allocate(tlm::TLM_READ_COMMAND, 0, 64, tag_with(5, 1));
  EXPECT_EQ(again.get_extension<Note>(), nullptr);
  EXPECT_EQ(tag_of(again).task, 5);
  again.release();
}

TEST(PayloadPool, CountsWhatIsInUseWhateverTheOrder) {
  PayloadPool pool;
  std::mt19937 random{1};
  std::vector<tlm::tlm_generic_payload*> out;
  std::set<tlm::tlm_generic_payload*> seen;
  size_t most = 0;
  for (int i = 0; i < 10'000; ++i) {
    if (out.empty() || random() % 2 == 0) {
      out.push_back(&pool.allocate(tlm::TLM_READ_COMMAND, random(), 64, {}));
      seen.insert(out.back());
      most = std::max(most, out.size());
    } else {
      size_t which = random() % out.size();
      out[which]->release();
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(which));
    }
    ASSERT_EQ(pool.in_use(), out.size());
    ASSERT_EQ(std::set(out.begin(), out.end()).size(), out.size()) << "one payload was handed out twice";
  }
  EXPECT_EQ(seen.size(), most) << "payloads are made only when none is idle";
  for (tlm::tlm_generic_payload* payload : out) payload->release();
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST(JobTag, APayloadWithoutOneBelongsToRequesterZero) {
  tlm::tlm_generic_payload payload;
  EXPECT_EQ(tag_of(payload).task, 0);
  EXPECT_EQ(tag_of(payload).job, 0U);
}

}  // namespace
}  // namespace vesper::core
