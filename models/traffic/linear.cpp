/// linear_reader, linear_writer: burst after burst through a range, again and again.
#include "models/traffic/generator.h"

namespace vesper::traffic {
namespace {

class Linear final : public Pattern {
 public:
  Linear(const RangeProperties& range, bool write) : range_(range), write_(write) {}

  std::optional<Access> next() override {
    Access access{range_.base.value + position_ * range_.burst.count, range_.burst_bytes(), write_};
    if (++position_ == range_.bursts()) position_ = 0;
    return access;
  }

 private:
  RangeProperties range_;
  bool write_;
  uint64_t position_ = 0;
};

struct LinearProperties : PortProperties, RangeProperties {
  static void describe(Schema<LinearProperties>& p) {
    PortProperties::describe_in(p);
    RangeProperties::describe_in(p);
  }
};

template <bool kWrite>
class LinearGenerator final : public Generator {
 public:
  using Properties = LinearProperties;
  LinearGenerator(sc_core::sc_module_name name, const Properties& properties,
                  const core::Environment& environment)
      : Generator(name, properties, environment, std::make_unique<Linear>(properties, kWrite)) {}
};
using LinearReader = LinearGenerator<false>;
using LinearWriter = LinearGenerator<true>;

VESPER_IP(LinearReader, "linear_reader", "traffic generator: reads a range of addresses in order");
VESPER_IP(LinearWriter, "linear_writer", "traffic generator: writes a range of addresses in order");

}  // namespace
}  // namespace vesper::traffic
