// A plug-in that does what it must not, one fault at a time: an IP and a policy.
#include <tlm_utils/simple_initiator_socket.h>

#include <csignal>
#include <stdexcept>

#include "models/core/ip.h"
#include "models/core/payload_pool.h"
#include "schedulers/policy/heap.h"

namespace {

using namespace vesper;

enum class Fault : uint8_t {
  none,
  constructor_throws,
  constructor_throws_a_number,
  connected_throws,
  start_throws,
  process_throws,
  register_throws,
  report_throws,
  crashes,
  divides_by_zero,
  aborts,
  never_returns,
  endless_deltas,
  no_status,
  no_answer,
  no_end_req,
  wrong_phase,
  answers_twice,
  answers_unasked,
  asks_twice,
  never_asks,
  reads,
};
EnumNames<Fault> enum_names(Fault) {
  return {{Fault::none, "none"},
          {Fault::constructor_throws, "constructor_throws"},
          {Fault::constructor_throws_a_number, "constructor_throws_a_number"},
          {Fault::connected_throws, "connected_throws"},
          {Fault::start_throws, "start_throws"},
          {Fault::process_throws, "process_throws"},
          {Fault::register_throws, "register_throws"},
          {Fault::report_throws, "report_throws"},
          {Fault::crashes, "crashes"},
          {Fault::divides_by_zero, "divides_by_zero"},
          {Fault::aborts, "aborts"},
          {Fault::never_returns, "never_returns"},
          {Fault::endless_deltas, "endless_deltas"},
          {Fault::no_status, "no_status"},
          {Fault::no_answer, "no_answer"},
          {Fault::no_end_req, "no_end_req"},
          {Fault::wrong_phase, "wrong_phase"},
          {Fault::answers_twice, "answers_twice"},
          {Fault::answers_unasked, "answers_unasked"},
          {Fault::asks_twice, "asks_twice"},
          {Fault::never_asks, "never_asks"},
          {Fault::reads, "reads"}};
}

struct Properties {
  Fault fault = Fault::none;
  static void describe(Schema<Properties>& p) { p("fault", &Properties::fault, "what it does wrong"); }
};

void deliver(Fault fault, Fault wanted, const char* where) {
  if (fault == wanted) throw std::runtime_error(std::string("no good in ") + where);
}

/// Answers each request 100 ns after it came, but for its fault.
class BadMemory : public core::Ip {
 public:
  using Properties = ::Properties;
  BadMemory(sc_core::sc_module_name name, const Properties& properties, const core::Environment&)
      : Ip(name), fault_(properties.fault) {
    deliver(fault_, Fault::constructor_throws, "the constructor");
    if (fault_ == Fault::constructor_throws_a_number) throw 42;
    for (int i = 0; i < 4; ++i) {
      ports_.push_back(std::make_unique<Socket>(("port" + std::to_string(i)).c_str()));
      ports_.back()->register_nb_transport_fw(this, &BadMemory::forward, i);
      expose("port." + std::to_string(i), static_cast<core::TargetSocket&>(*ports_.back()));
    }
    expose(regs);
    word.on_read([this](uint32_t) -> uint32_t {
      deliver(fault_, Fault::register_throws, "a register");
      return 0;
    });
    expose("line", line);
    SC_HAS_PROCESS(BadMemory);
    SC_METHOD(work);
    sensitive << wake_;
    dont_initialize();
  }

  core::RegisterPort regs{"regs", 0x100};
  core::Register word{regs, "word", 0x0, core::read_only};
  core::InterruptIn line{[this](bool) { deliver(fault_, Fault::process_throws, "an interrupt"); }};

  void connected() override { deliver(fault_, Fault::connected_throws, "connected"); }
  void start_of_simulation() override { deliver(fault_, Fault::start_throws, "start_of_simulation"); }
  void report(core::RunReport&) const override { deliver(fault_, Fault::report_throws, "report"); }

 private:
  using Socket = tlm_utils::simple_target_socket_tagged_optional<BadMemory>;
  struct Request {
    int port;
    tlm::tlm_generic_payload* payload;
    uint64_t due;
  };

  tlm::tlm_sync_enum forward(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time&) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    if (fault_ == Fault::no_answer || fault_ == Fault::no_end_req) {
      if (fault_ == Fault::no_end_req) return tlm::TLM_ACCEPTED;
      phase = tlm::END_REQ;
      return tlm::TLM_UPDATED;
    }
    if (fault_ == Fault::wrong_phase) {
      phase = tlm::END_RESP;
      return tlm::TLM_UPDATED;
    }
    requests_.push_back({port, &payload, core::now_ps() + 100'000});
    wake_.notify(sc_core::sc_time(100, sc_core::SC_NS));
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }

  void work() {
    deliver(fault_, Fault::process_throws, "a process");
    if (fault_ == Fault::crashes) *static_cast<volatile int*>(nullptr) = 1;
    if (fault_ == Fault::divides_by_zero) (void)std::raise(SIGFPE);
    if (fault_ == Fault::aborts) std::abort();
    while (fault_ == Fault::never_returns) asm volatile("");
    if (fault_ == Fault::endless_deltas) {
      wake_.notify(sc_core::SC_ZERO_TIME);
      return;
    }
    while (!requests_.empty() && requests_.front().due <= core::now_ps()) {
      const Request request = requests_.front();
      requests_.erase(requests_.begin());
      answer(request);
    }
    if (!requests_.empty()) wake_.notify(core::to_time(requests_.front().due - core::now_ps()));
  }

  void answer(const Request& request) {
    if (fault_ != Fault::no_status) request.payload->set_response_status(tlm::TLM_OK_RESPONSE);
    send(request, tlm::BEGIN_RESP);
    if (fault_ == Fault::answers_twice) send(request, tlm::BEGIN_RESP);
    if (fault_ == Fault::answers_unasked) {
      tlm::tlm_generic_payload stray;
      send({request.port, &stray, 0}, tlm::BEGIN_RESP);
    }
  }

  void send(const Request& request, tlm::tlm_phase phase) {
    sc_core::sc_time delay;
    (*ports_[static_cast<size_t>(request.port)])->nb_transport_bw(*request.payload, phase, delay);
  }

  Fault fault_;
  std::vector<std::unique_ptr<Socket>> ports_;
  std::vector<Request> requests_;
  sc_core::sc_event wake_{"wake"};
};

VESPER_IP(BadMemory, "bad_memory", "a memory that does what its fault says");

/// Writes at 1 us, 2 us and so on.
class BadMaster : public core::Ip {
 public:
  using Properties = ::Properties;
  BadMaster(sc_core::sc_module_name name, const Properties& properties, const core::Environment&)
      : Ip(name), fault_(properties.fault) {
    out.register_nb_transport_bw(this, &BadMaster::backward);
    expose("out", out);
    SC_HAS_PROCESS(BadMaster);
    SC_METHOD(ask);
  }
  tlm_utils::simple_initiator_socket<BadMaster> out{"out"};
  [[nodiscard]] std::string waiting_for() const override {
    return fault_ == Fault::never_asks ? "a request that it never makes" : "";
  }

 private:
  void ask() {
    if (fault_ == Fault::never_asks) return;
    next_trigger(sc_core::sc_time(1, sc_core::SC_US));
    if (core::now_ps() == 0) return;
    if (fault_ == Fault::reads) return read();
    send();
    if (fault_ == Fault::asks_twice) send();
  }
  void send() {
    tlm::tlm_generic_payload& payload = pool_.allocate(tlm::TLM_WRITE_COMMAND, 0x8'0000'0000, 64, {});
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    out->nb_transport_fw(payload, phase, delay);
  }
  void read() {
    uint32_t word = 0;
    tlm::tlm_generic_payload payload;
    payload.set_read();
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
    payload.set_data_length(4);
    sc_core::sc_time delay;
    out->b_transport(payload, delay);
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    payload.release();
    return tlm::TLM_COMPLETED;
  }
  Fault fault_;
  core::PayloadPool pool_;
};

VESPER_IP(BadMaster, "bad_master", "an initiator that does what its fault says");

using policy::JobRef;

struct ByArrival {
  bool operator()(const policy::Job&, const policy::Job&) const { return false; }
};

constexpr policy::ParameterInfo kParameters[] = {
    {"fault", 0, 0, 4, "what it does wrong", "none throws chooses_nothing chooses_a_stranger crashes"}};

class BadPolicy final : public policy::Policy {
 public:
  BadPolicy(const policy::JobTable& jobs, const double* values)
      : Policy(jobs), queue_(jobs), fault_(static_cast<int>(values[0])) {}
  void release(JobRef job) override { queue_.push(job, work_); }
  JobRef next(policy::Time) override {
    if (fault_ == 0 || !queue_.top()) return queue_.top();
    if (fault_ == 1) throw std::runtime_error("no idea which");
    if (fault_ == 2) return {};
    if (fault_ == 4) *static_cast<volatile int*>(nullptr) = 1;
    JobRef stranger;
    stranger.slot = 4000;
    return stranger;
  }
  void complete(JobRef job) override { queue_.remove(job, work_); }
  [[nodiscard]] JobRef queued(uint16_t i) const override { return queue_.at(i); }

 private:
  policy::Heap<ByArrival> queue_;
  int fault_;
};

VESPER_POLICY(BadPolicy, "bad_policy", "does what its fault says", {.parameters = kParameters});

}  // namespace
