/// random_reader, random_writer: bursts at addresses drawn evenly from a range.
#include "platform/property/random.h"

#include "models/traffic/generator.h"

namespace vesper::traffic {
namespace {

class Random final : public Pattern {
 public:
  Random(const RangeProperties& range, bool write, uint64_t seed)
      : range_(range), write_(write), random_(seed) {}

  std::optional<Access> next() override {
    uint64_t position = random_.up_to(range_.bursts() - 1);
    return Access{range_.base.value + position * range_.burst.count, range_.burst_bytes(), write_};
  }

 private:
  RangeProperties range_;
  bool write_;
  SplitMix64 random_;
};

struct RandomProperties : PortProperties, RangeProperties {
  static void describe(Schema<RandomProperties>& p) {
    PortProperties::describe_in(p);
    RangeProperties::describe_in(p);
  }
};

template <bool kWrite>
class RandomGenerator final : public Generator {
 public:
  using Properties = RandomProperties;
  RandomGenerator(sc_core::sc_module_name name, const Properties& properties,
                  const core::Environment& environment)
      : Generator(name, properties, environment,
                  std::make_unique<Random>(properties, kWrite, stream_of(name, environment))) {}
};
using RandomReader = RandomGenerator<false>;
using RandomWriter = RandomGenerator<true>;

VESPER_IP(RandomReader, "random_reader", "traffic generator: reads at random addresses");
VESPER_IP(RandomWriter, "random_writer", "traffic generator: writes at random addresses");

}  // namespace
}  // namespace vesper::traffic
