#include "platform/observe/samples.h"

#include "fixture.h"

namespace vesper::observe {
namespace {

TEST(SamplesTest, NothingOfNothing) { EXPECT_EQ(Samples().distribution(), std::nullopt); }

TEST(SamplesTest, OneSampleIsEveryFigure) {
  Samples samples;
  samples.add(7);
  EXPECT_EQ(samples.distribution(), (Distribution{7, 7, 7, 7, 7}));
}

TEST(SamplesTest, PercentilesAreByNearestRank) {
  Samples samples;
  for (Time value = 200; value > 0; --value) samples.add(value);
  EXPECT_EQ(samples.distribution(), (Distribution{101, 100, 190, 198, 200}));
}

TEST(SamplesTest, MeanIsRoundedToThePicosecond) {
  Samples samples;
  for (Time value : {1, 1, 2, 2, 2}) samples.add(value);
  EXPECT_EQ(samples.distribution()->mean, 2);  // 1.6
}

TEST(SamplesTest, ManySamplesGiveTheSameAsFew) {
  Samples many;
  constexpr Time kDistinct = 1000;
  for (Time i = 0; i < 3'000'000; ++i) many.add(i * 7919 % kDistinct);
  EXPECT_EQ(many.count(), 3'000'000);
  EXPECT_EQ(many.distribution(), (Distribution{500, 499, 949, 989, 999}));
}

}  // namespace
}  // namespace vesper::observe
