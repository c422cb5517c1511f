#include "platform/builder/delta_watch.h"

#include <systemc>

namespace vesper::builder {
namespace {

/// Delta cycles looked at to find all processes of a loop.
constexpr int kLookedAt = 32;

/// Whether a process is to run in the next delta cycle, which SystemC tells derived classes alone.
struct Process : sc_core::sc_process_b {
  static bool is_next(const sc_core::sc_process_b& process) { return (process.*(&Process::is_runnable))(); }
};

void collect(const std::vector<sc_core::sc_object*>& objects, std::set<std::string>& names) {
  for (sc_core::sc_object* object : objects) {
    const auto* process = dynamic_cast<sc_core::sc_process_b*>(object);
    if (process != nullptr && Process::is_next(*process)) names.insert(process->name());
    collect(object->get_child_objects(), names);
  }
}

}  // namespace

class DeltaWatch::Counter final : public sc_core::sc_trace_file {
 public:
  explicit Counter(uint64_t most) : most_(most) { sc_core::sc_get_curr_simcontext()->add_trace_file(this); }
  [[nodiscard]] bool struck() const { return struck_; }
  void retire() { most_ = UINT64_MAX; }

 private:
  /// False: time is about to pass. It is looked at only once in a long while: half of the cycles at one
  /// instant, and the other half at the same.
  void cycle(bool delta) override {
    if (!delta) {
      count_ = 0;
      return;
    }
    if (++count_ < most_ / 2) return;
    count_ = 0;
    const sc_dt::uint64 now = sc_core::sc_time_stamp().value();
    struck_ = struck_ || now == half_at_;
    half_at_ = now;
    if (struck_) sc_core::sc_pause();
  }

  // What a trace file would write; nothing is traced here.
#define VESPER_UNTRACED(Type) \
  void trace(const Type&, const std::string&) override {}
#define VESPER_UNTRACED_BITS(Type) \
  void trace(const Type&, const std::string&, int) override {}
  VESPER_UNTRACED(sc_core::sc_event)
  VESPER_UNTRACED(sc_core::sc_time)
  VESPER_UNTRACED(bool)
  VESPER_UNTRACED(sc_dt::sc_bit)
  VESPER_UNTRACED(sc_dt::sc_logic)
  VESPER_UNTRACED_BITS(unsigned char)
  VESPER_UNTRACED_BITS(unsigned short)
  VESPER_UNTRACED_BITS(unsigned int)
  VESPER_UNTRACED_BITS(unsigned long)
  VESPER_UNTRACED_BITS(char)
  VESPER_UNTRACED_BITS(short)
  VESPER_UNTRACED_BITS(int)
  VESPER_UNTRACED_BITS(long)
  VESPER_UNTRACED_BITS(sc_dt::int64)
  VESPER_UNTRACED_BITS(sc_dt::uint64)
  VESPER_UNTRACED(float)
  VESPER_UNTRACED(double)
  VESPER_UNTRACED(sc_dt::sc_int_base)
  VESPER_UNTRACED(sc_dt::sc_uint_base)
  VESPER_UNTRACED(sc_dt::sc_signed)
  VESPER_UNTRACED(sc_dt::sc_unsigned)
  VESPER_UNTRACED(sc_dt::sc_fxval)
  VESPER_UNTRACED(sc_dt::sc_fxval_fast)
  VESPER_UNTRACED(sc_dt::sc_fxnum)
  VESPER_UNTRACED(sc_dt::sc_fxnum_fast)
  VESPER_UNTRACED(sc_dt::sc_bv_base)
  VESPER_UNTRACED(sc_dt::sc_lv_base)
#undef VESPER_UNTRACED
#undef VESPER_UNTRACED_BITS
  void trace(const unsigned int&, const std::string&, const char**) override {}
  void write_comment(const std::string&) override {}
  void set_time_unit(double, sc_core::sc_time_unit) override {}

  uint64_t most_;
  uint64_t count_ = 0;
  sc_dt::uint64 half_at_ = ~sc_dt::uint64{0};
  bool struck_ = false;
};

DeltaWatch::DeltaWatch(uint64_t most) : counter_(new Counter(most)) {}
DeltaWatch::~DeltaWatch() { counter_->retire(); }
bool DeltaWatch::struck() const { return counter_->struck(); }

std::set<std::string> DeltaWatch::runners() const {
  std::set<std::string> names;
  for (int i = 0; i < kLookedAt; ++i) {
    collect(sc_core::sc_get_top_level_objects(), names);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // paused again after a delta cycle
  }
  return names;
}

}  // namespace vesper::builder
