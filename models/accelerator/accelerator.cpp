#include "models/accelerator/accelerator.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/accelerator/port_memory.h"
#include "models/accelerator/tile_transfer.h"
#include "models/core/run_report.h"
#include "models/core/sim_error.h"

namespace vesper::accelerator {

using core::Cycles;
using core::now_ps;
using core::to_time;
using observe::OperationKind;

void Accelerator::Properties::describe(Schema<Properties>& p) {
  ControlProperties::describe_in(p);
  TileProperties::describe_in(p);
  p("layout", &Properties::layout, "order of a tensor's elements in memory");
  p("a", &Properties::a, "memory port that loads A");
  p("b", &Properties::b, "memory port that loads B");
  p("c", &Properties::c, "memory port that stores C and reads partial C back");
  FunctionalProperties::describe_in(p);
  p("on_error", &Properties::on_error,
    "a bus error or timeout of a port: stop ends the run, abandon gives the job up and goes on");
}

namespace {

constexpr size_t kMemoSize = 4096;

}  // namespace

Accelerator::Accelerator(sc_core::sc_module_name module_name, const Properties& properties,
                         const core::Environment& environment)
    : RegionAccelerator(module_name, properties, environment),
      properties_(properties),
      burst_(environment.burst_memory),
      costs_(operation_costs(properties)),
      bytes_(tile_bytes(properties)),
      load_a_("load_a", properties.a, properties.clock, environment, [this] { load_part_ended(); }),
      load_b_("load_b", properties.b, properties.clock, environment, [this] { load_part_ended(); }),
      store_c_("store_c", properties.c, properties.clock, environment, [this] { store_ended(); }),
      job_memory_(environment),
      seed_(environment.seed),
      memo_(kMemoSize),
      swap_signal_(observers_, text("swap")) {
  properties.check(properties.element_bytes);
  for (dma::DmaEngine* engine : {&load_a_, &load_b_, &store_c_}) engine->set_on_error(properties.on_error);
  manager_.on_table_write = [this] { std::fill(memo_.begin(), memo_.end(), Memo{}); };
  expose("a", load_a_.socket);
  expose("b", load_b_.socket);
  expose("c", store_c_.socket);
  swap_signal_.set("", 0);
  follow(swap_signal_);
  SC_HAS_PROCESS(Accelerator);
  SC_METHOD(compute_ended);
  dont_initialize();
  sensitive << compute_due_;
}

uint32_t Accelerator::look_up(const Instruction& instruction) {
  request_ = manager_.request(instruction, properties_.tile);
  return request_.entry_count;
}

void Accelerator::run(Cycles launch) {
  data_pending_ = burst_ || functional_;
  if (data_pending_ && running().region == 0) job_begins(running_job());
  if (has_failed(previous_job())) request_.preempted = nullptr;  // nothing of it is on chip
  start_ = clock_.cycle_at_or_after(now_ps()) + launch;
  if (burst_) {
    call_back_at(clock_.edge(start_));
  } else {
    run_fixed();
  }
}

void Accelerator::called_back() {
  sequence_ = PhaseSequence(request_, properties_.tile);
  region_compute_ = region_swap_ = 0;
  next_phase();
}

// ---- `fixed` memory
// ---------------------------------------------------------------------------------------------

void Accelerator::run_fixed() {
  const RegionWork& work = region_work_of(request_);
  const RegionWork swap = swap_work(request_, properties_.tile, costs_);
  if (watched() || awaits_first_compute()) tell_fixed_phases();
  steps_ += swap.steps + work.steps;
  compute_cycles_ += (swap.computes + work.computes) * costs_.compute;
  region_ends(clock_.edge(start_ + swap.cycles + work.cycles),
              {clock_.edge(work.computes * costs_.compute), clock_.edge(swap.cycles)});
}

const RegionWork& Accelerator::region_work_of(const PhaseSequence::Request& request) {
  Memo& memo = memo_[(reinterpret_cast<uintptr_t>(request.entries) / sizeof(abi::MetadataEntry)) % kMemoSize];
  if (memo.entries != request.entries || memo.count != request.entry_count) {
    memo = {request.entries, request.entry_count, region_work(request, properties_.tile, costs_)};
  }
  return memo.work;
}

bool Accelerator::watched() const {
  return observers_.wants(observe::Topic::operation) || observers_.wants(observe::Topic::transfer) ||
         traced();
}

void Accelerator::tell_fixed_phases() {
  PhaseSequence sequence(request_, properties_.tile);
  bool all = watched();
  Cycles start = start_;
  Phase phase;
  while (sequence.next(phase)) {
    tell_fixed_phase(phase, start);
    start += phase_cycles(phase, costs_);
    if (!all && !awaits_first_compute()) return;
  }
  tell_idle(start);
}

void Accelerator::tell_fixed_phase(const Phase& phase, Cycles start) {
  const OperationCosts& c = costs_;
  if (phase.compute) tell_first_compute(clock_.edge(start));
  if (!watched()) return;
  show(phase, start);
  if (phase.swap == Swap::none) show_ends(phase, start);
  if (phase.swap == Swap::clean) tell(phase, OperationKind::clean, start, start + c.clean, 0);
  if (phase.swap == Swap::persist)
    tell(phase, OperationKind::persist, start, start + c.persist, bytes_.partial);
  if (phase.swap == Swap::resume) tell(phase, OperationKind::resume, start, start + c.resume, bytes_.partial);
  if (phase.load) tell(phase, OperationKind::load, start, start + c.load, bytes_.a + bytes_.b);
  if (phase.compute) tell(phase, OperationKind::compute, start, start + c.compute, 0);
  if (phase.store) tell(phase, OperationKind::store, start, start + c.store, bytes_.c);
  if (observers_.wants(observe::Topic::transfer)) tell_transfers(phase, start);
}

void Accelerator::tell_transfers(const Phase& phase, Cycles start) {
  if (phase.load) {
    tell_transfer(phase, load_a_, false, bytes_.a, start, costs_.load);
    tell_transfer(phase, load_b_, false, bytes_.b, start, costs_.load);
  }
  if (phase.swap == Swap::resume) tell_transfer(phase, store_c_, false, bytes_.partial, start, costs_.resume);
  if (phase.swap == Swap::persist)
    tell_transfer(phase, store_c_, true, bytes_.partial, start, costs_.persist);
  if (phase.store) tell_transfer(phase, store_c_, true, bytes_.c, start, costs_.store);
}

void Accelerator::tell_transfer(const Phase& phase, const dma::DmaEngine& port, bool write, uint64_t bytes,
                                Cycles start, Cycles cycles) {
  observers_.transfer({job_of(phase), phase.entry->layer, port.observed_port(), write, bytes,
                       clock_.edge(start), clock_.edge(start + cycles)});
}

// ---- `burst` memory
// ---------------------------------------------------------------------------------------------

void Accelerator::next_phase() {
  Cycles now = clock_.cycle_at_or_after(now_ps());
  cleans_up_ = false;
  bool ended = !sequence_.next(phase_) || has_failed(job_of(phase_));
  if (ended) {
    tell_idle(now);
    region_ends(clock_.edge(now), {clock_.edge(region_compute_), clock_.edge(region_swap_)});
    return;
  }
  phase_start_ = now;
  show(phase_, now);
  start_operations();
}

void Accelerator::start_operations() {
  bool computes = phase_.swap == Swap::clean || phase_.compute;
  operations_pending_ = (phase_.load ? 1U : 0U) + (phase_.uses_c() ? 1U : 0U) + (computes ? 1U : 0U);
  loads_pending_ = phase_.load ? 2 : 0;
  if (phase_.load) {
    start_transfer(load_a_, Matrix::a);
    start_transfer(load_b_, Matrix::b);
  }
  if (phase_.uses_c()) start_transfer(store_c_, Matrix::c);
  if (computes) {
    Cycles cycles = phase_.compute ? costs_.compute : costs_.clean;
    compute_due_.notify(to_time(clock_.edge(phase_start_ + cycles) - now_ps()));
  }
  if (phase_.swap == Swap::none) ++steps_;
  if (!phase_.compute) return;
  compute_cycles_ += costs_.compute;
  tell_first_compute(clock_.edge(phase_start_));
}

void Accelerator::start_transfer(dma::DmaEngine& engine, Matrix matrix) {
  const observe::JobId job = job_of(phase_);
  const TileTransfer tile =
      transfer_of(phase_, matrix, properties_, properties_.layout, job_memory_.offset(job));
  std::byte* data = functional_ ? functional_->transfer_data(phase_, matrix) : nullptr;
  core::JobTag tag;
  tag.task = job.task;
  tag.job = job.job;
  tag.layer = phase_.entry->layer;
  engine.start({tile.address, tile.row_bytes, tile.rows, tile.stride, tile.write,
                reinterpret_cast<unsigned char*>(data)},
               tag, properties_.fixed_memory.setup);
}

void Accelerator::load_part_ended() {
  if (--loads_pending_ > 0) return;
  load_signal_.set(0, now_ps());
  operation_ended(OperationKind::load, bytes_.a + bytes_.b);
}

void Accelerator::store_ended() {
  store_signal_.set(0, now_ps());
  bool swaps = phase_.swap != Swap::none;
  OperationKind swap_kind = phase_.swap == Swap::persist ? OperationKind::persist : OperationKind::resume;
  operation_ended(swaps ? swap_kind : OperationKind::store, swaps ? bytes_.partial : bytes_.c);
}

void Accelerator::compute_ended() {
  compute_signal_.set(0, now_ps());
  operation_ended(phase_.swap == Swap::clean ? OperationKind::clean : OperationKind::compute, 0);
}

void Accelerator::operation_ended(OperationKind kind, uint64_t bytes) {
  tell(phase_, kind, phase_start_, clock_.cycle_at_or_after(now_ps()), bytes);
  if (--operations_pending_ != 0) return;
  account_phase();
  if (phase_failed()) {
    note_failure();
    if (job_of(phase_) == running_job()) {
      clean_up();
      return;
    }
  } else if (functional_) {
    guarded([this] { functional_->phase_ended(phase_, job_of(phase_)); });
  }
  next_phase();
}

void Accelerator::account_phase() {
  if (phase_.swap != Swap::none || phase_.again) {
    region_swap_ += clock_.cycle_at_or_after(now_ps()) - phase_start_;
  } else if (phase_.compute) {
    region_compute_ += costs_.compute;
  }
}

bool Accelerator::phase_failed() const {
  return (phase_.load && (load_a_.failed() || load_b_.failed())) || (phase_.uses_c() && store_c_.failed());
}

/// The job that the phase worked for is lost.
void Accelerator::note_failure() {
  const observe::JobId job = job_of(phase_);
  if (functional_) functional_->phase_failed();
  fail_job(job);
}

/// Leaves the output buffer as a swap-out by recompute does; then the region ends.
void Accelerator::clean_up() {
  phase_.load = phase_.compute = phase_.store = false;
  phase_.swap = Swap::clean;
  cleans_up_ = true;
  phase_start_ = clock_.cycle_at_or_after(now_ps());
  show(phase_, phase_start_);
  start_operations();
}

// ---- addresses and values of jobs
// --------------------------------------------------------------------------------------------

void Accelerator::start_of_simulation() {
  if (!properties_.functional) return;
  std::vector<FunctionalData::Task> tasks;
  for (uint16_t task = 0; task < task_names_.size(); ++task) {
    std::vector<abi::MetadataEntry> layers = manager_.layers(task);
    if (!layers.empty()) tasks.push_back({task, task_names_[task], std::move(layers)});
  }
  std::unique_ptr<TensorMemory> memory;
  if (burst_) {
    memory = std::make_unique<PortMemory>(std::array{&load_a_, &load_b_, &store_c_});
  } else {
    memory = own_memory(tasks, properties_.tensor_memory.count);
  }
  functional_ =
      std::make_unique<FunctionalData>(properties_, properties_.layout, properties_.functional_fault, seed_,
                                       std::move(memory), job_memory_, tasks);
}

void Accelerator::job_begins(observe::JobId job) {
  job_memory_.begin(job);
  if (functional_) functional_->job_begins(job);
}

void Accelerator::region_over() {
  if (!data_pending_) return;
  data_pending_ = false;
  const observe::JobId job = running_job();
  if (functional_) {
    guarded([&] {
      if (!burst_) run_data();
      if (job_ends() && !has_failed(job)) functional_->job_completed(job);
    });
  }
  if (job_ends()) job_memory_.end(job);
}

/// In `fixed` memory: what the region's phases did to values.
void Accelerator::run_data() {
  PhaseSequence sequence(request_, properties_.tile);
  Phase phase;
  while (sequence.next(phase)) functional_->run_phase(phase, job_of(phase));
}

// ---- observers
// --------------------------------------------------------------------------------------------------

observe::JobId Accelerator::job_of(const Phase& phase) const {
  bool swapped_out = !cleans_up_ && (phase.swap == Swap::clean || phase.swap == Swap::persist);
  return swapped_out ? previous_job() : running_job();
}

void Accelerator::tell(const Phase& phase, OperationKind kind, Cycles start, Cycles end, uint64_t bytes) {
  uint64_t from = clock_.edge(start);
  uint64_t to = clock_.edge(end);
  observe::JobId job = job_of(phase);
  if (observers_.wants(observe::Topic::operation)) {
    observers_.operation({job, phase.entry->layer, static_cast<uint32_t>(phase.iteration), kind, from, to,
                          end - start, bytes, 0});
  }
}

void Accelerator::show(const Phase& phase, Cycles start) {
  constexpr std::string_view kSwaps[] = {"", "clean", "persist", "resume"};
  if (!traced()) return;
  uint64_t time = clock_.edge(start);
  show_job(job_of(phase), time);
  region_signal_.set(running().region, time);
  layer_signal_.set(phase.entry->layer, time);
  swap_signal_.set(kSwaps[static_cast<size_t>(phase.swap)], time);
  load_signal_.set(phase.load ? 1 : 0, time);
  compute_signal_.set(phase.compute || phase.swap == Swap::clean ? 1 : 0, time);
  store_signal_.set(phase.store || phase.swap == Swap::persist || phase.swap == Swap::resume ? 1 : 0, time);
}

void Accelerator::show_ends(const Phase& phase, Cycles start) {
  if (!traced()) return;
  if (phase.load) load_signal_.set(0, clock_.edge(start + costs_.load));
  if (phase.compute) compute_signal_.set(0, clock_.edge(start + costs_.compute));
  if (phase.store) store_signal_.set(0, clock_.edge(start + costs_.store));
}

void Accelerator::tell_idle(Cycles at) {
  if (!traced()) return;
  uint64_t time = clock_.edge(at);
  for (observe::Signal* engine : {&load_signal_, &compute_signal_, &store_signal_}) engine->set(0, time);
  swap_signal_.set("", time);
}

void Accelerator::report(core::RunReport& report) const {
  const uint64_t errors = load_a_.errors() + load_b_.errors() + store_c_.errors();
  report.accelerators.push_back({steps_, clock_.edge(compute_cycles_), errors});
  if (!functional_) return;
  const observe::FunctionalTotals& own = functional_->totals();
  observe::FunctionalTotals& all = report.functional ? *report.functional : report.functional.emplace();
  all.jobs_checked += own.jobs_checked;
  all.mismatches += own.mismatches;
  if (all.first.empty() && !own.first.empty()) all.first = fmt::format("{}: {}", basename(), own.first);
}

std::string Accelerator::waiting_for() const {
  std::string reasons;
  for (const dma::DmaEngine* engine : {&load_a_, &load_b_, &store_c_}) {
    std::string reason = engine->waiting_for();
    if (!reason.empty()) reasons += (reasons.empty() ? "" : "; ") + reason;
  }
  return reasons;
}

VESPER_IP(Accelerator, "accelerator", "preemptible output-stationary matrix-product accelerator");

}  // namespace vesper::accelerator
