/// trace_replay: the requests of a trace file (trace_file.h), each not before its time, counted from `from`.
/// The trace is held in memory, 32 bytes a request.
#include "models/traffic/generator.h"
#include "models/traffic/trace_file.h"

namespace vesper::traffic {
namespace {

struct TraceProperties : PortProperties {
  std::string file;
  Address base{0};
  Bytes burst{64};  // what a DRAM simulator's request stands for: one DDR4 burst of a 64-bit channel
  std::optional<Frequency> cycles_of;
  static void describe(Schema<TraceProperties>& p) {
    PortProperties::describe_in(p);
    p("file", &TraceProperties::file, "CSV file, or text of lines 0xADDRESS READ|WRITE CYCLE").required();
    p("base", &TraceProperties::base, "added to every address of the trace");
    p("burst", &TraceProperties::burst, "bytes of a request that states none")
        .must(detail::is_burst, "a power of two between 4 B and 4 KiB");
    p("cycles_of", &TraceProperties::cycles_of, "clock that the trace counts in; the port's by default");
  }
};

class Trace final : public Pattern {
 public:
  explicit Trace(const TraceProperties& p)
      : accesses_(read_trace(p.file, {.bytes = static_cast<uint32_t>(p.burst.count),
                                      .clock = core::ClockDomain(p.cycles_of.value_or(p.clock)),
                                      .first_address = p.base.value})),
        from_(p.from.ps) {}

  std::optional<Access> next() override {
    if (position_ == accesses_.size()) return std::nullopt;
    Access access = accesses_[position_++];
    access.earliest += from_;
    return access;
  }

 private:
  std::vector<Access> accesses_;
  uint64_t from_;
  size_t position_ = 0;
};

class TraceReplay final : public Generator {
 public:
  using Properties = TraceProperties;
  TraceReplay(sc_core::sc_module_name name, const Properties& properties,
              const core::Environment& environment)
      : Generator(name, properties, environment, std::make_unique<Trace>(properties)) {}
};

VESPER_IP(TraceReplay, "trace_replay", "traffic generator: the requests of a trace file");

}  // namespace
}  // namespace vesper::traffic
