/// strided_reader, strided_writer: a burst every `stride` bytes, as a column of a matrix stored by rows; past
/// the end of the range the next column, one burst further.
#include <fmt/format.h>

#include <stdexcept>

#include "models/traffic/generator.h"

namespace vesper::traffic {
namespace {

struct StridedProperties : PortProperties, RangeProperties {
  Bytes stride = KiB(8);  // a row of the VCK190's DDR4 DIMM: the next burst lies in another one
  static void describe(Schema<StridedProperties>& p) {
    PortProperties::describe_in(p);
    RangeProperties::describe_in(p);
    p("stride", &StridedProperties::stride, "from a burst to the next; a multiple of 'burst', at most 'size'")
        .at_least(Bytes{4});
  }
};

class Strided final : public Pattern {
 public:
  Strided(const StridedProperties& properties, bool write)
      : range_(properties), stride_(properties.stride.count), write_(write) {
    bool fits = stride_ % range_.burst.count == 0 && stride_ <= range_.size.count;
    if (!fits) {
      throw std::invalid_argument(
          fmt::format("stride {} is not a multiple of burst {}, or larger than size {}",
                      to_text(properties.stride), to_text(range_.burst), to_text(range_.size)));
    }
  }

  std::optional<Access> next() override {
    Access access{range_.base.value + column_ + row_, range_.burst_bytes(), write_};
    row_ += stride_;
    if (column_ + row_ >= range_.size.count) {
      row_ = 0;
      column_ += range_.burst.count;
      if (column_ == stride_) column_ = 0;
    }
    return access;
  }

 private:
  RangeProperties range_;
  uint64_t stride_;
  bool write_;
  uint64_t column_ = 0;
  uint64_t row_ = 0;
};

template <bool kWrite>
class StridedGenerator final : public Generator {
 public:
  using Properties = StridedProperties;
  StridedGenerator(sc_core::sc_module_name name, const Properties& properties,
                   const core::Environment& environment)
      : Generator(name, properties, environment, std::make_unique<Strided>(properties, kWrite)) {}
};
using StridedReader = StridedGenerator<false>;
using StridedWriter = StridedGenerator<true>;

VESPER_IP(StridedReader, "strided_reader", "traffic generator: reads a burst every `stride` bytes");
VESPER_IP(StridedWriter, "strided_writer", "traffic generator: writes a burst every `stride` bytes");

}  // namespace
}  // namespace vesper::traffic
