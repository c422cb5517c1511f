/// mixed: reads and writes in random order by a share. Linear, reads walk the lower half of the range and
/// writes the upper, as a copy does; random, both go anywhere in it.
#include <algorithm>

#include "models/traffic/generator.h"
#include "platform/property/random.h"

namespace vesper::traffic {
namespace {

enum class Order : uint8_t { linear, random };
EnumNames<Order> enum_names(Order) { return {{Order::linear, "linear"}, {Order::random, "random"}}; }

struct MixedProperties : PortProperties, RangeProperties {
  Ratio reads{500'000};
  Order addresses = Order::linear;
  static void describe(Schema<MixedProperties>& p) {
    PortProperties::describe_in(p);
    RangeProperties::describe_in(p);
    p("reads", &MixedProperties::reads, "share of the requests that are reads").between(ratio(0), ratio(1));
    p("addresses", &MixedProperties::addresses,
      "linear: reads in the lower half, writes in the upper, each in order; random: anywhere");
  }
};

class Mixed final : public Pattern {
 public:
  Mixed(const MixedProperties& properties, uint64_t seed) : properties_(properties), random_(seed) {}

  std::optional<Access> next() override {
    bool write = random_.up_to(ratio(1).millionths - 1) >= properties_.reads.millionths;
    uint64_t position =
        properties_.addresses == Order::random ? random_.up_to(properties_.bursts() - 1) : walk(write);
    return Access{properties_.base.value + position * properties_.burst.count, properties_.burst_bytes(),
                  write};
  }

 private:
  uint64_t walk(bool write) {
    uint64_t middle = properties_.bursts() / 2;
    uint64_t first = write ? middle : 0;
    uint64_t count = write ? properties_.bursts() - middle : std::max<uint64_t>(middle, 1);
    uint64_t& walked = walked_[write ? 1 : 0];
    uint64_t position = first + walked;
    walked = walked + 1 == count ? 0 : walked + 1;
    return position;
  }

  MixedProperties properties_;
  SplitMix64 random_;
  uint64_t walked_[2] = {0, 0};
};

class MixedGenerator final : public Generator {
 public:
  using Properties = MixedProperties;
  MixedGenerator(sc_core::sc_module_name name, const Properties& properties,
                 const core::Environment& environment)
      : Generator(name, properties, environment,
                  std::make_unique<Mixed>(properties, stream_of(name, environment))) {}
};

VESPER_IP(MixedGenerator, "mixed", "traffic generator: reads and writes by a share");

}  // namespace
}  // namespace vesper::traffic
