// Results after preemption: jobs are swapped out and in at every tile iteration, alone, nested and at random,
// and the accelerator checks each one's outputs. All cases of a test run in one simulation.
#include <cmath>
#include <optional>
#include <random>
#include <set>

#include "models/core/sim_error.h"
#include "models/ddr/ddr_controller.h"
#include "platform/lowering/output_stationary.h"
#include "tests/unit/accelerator/accelerator_bench.h"

namespace vesper::accelerator {
namespace {

using lowering::Preemption;
using workload::Network;

constexpr uint64_t kMemory = 0x8'0000'0000;
constexpr Preemption kStrategies[] = {Preemption::recompute, Preemption::persist, Preemption::flexible};

Network network(const std::vector<std::array<uint32_t, 3>>& shapes) {
  Network made{"n", {}};
  for (const auto& [m, k, n] : shapes) made.layers.push_back({"l", m, k, n});
  return made;
}

/// Of tiles of 4 x 3 x 5 elements; most have edges that fill no whole tile.
std::vector<Network> small_networks() {
  return {network({{4, 3, 5}}),              // one tile
          network({{4, 12, 5}}),             // along k alone
          network({{8, 3, 10}}),             // one tile along k: every iteration ends an output tile
          network({{7, 10, 9}}),             // 2 x 4 x 2
          network({{9, 7, 6}, {9, 6, 11}}),  // the second layer reads the first's output, padded otherwise
          network({{5, 8, 4}, {3, 5, 6}, {3, 6, 7}})};
}

/// Which jobs run in which order: each segment runs a job on, up to region `until`.
struct Segment {
  observe::JobId job;
  uint32_t until;
};
using Case = std::vector<Segment>;

class Functional : public AcceleratorBench {
 protected:
  static Accelerator::Properties computing(uint32_t element_bytes) {
    Accelerator::Properties properties = small();
    properties.functional = true;
    properties.element_bytes = element_bytes;
    properties.tile = {4, 3, 5};
    properties.layout = Layout::row_major;
    return properties;
  }

  /// Task t is programs[t]; the scheduler of this test reacts to feedback.
  void build(const Accelerator::Properties& properties, const std::vector<Network>& networks,
             bool burst = false) {
    uint64_t next = kMemory;
    for (const Network& each : networks) {
      for (Preemption strategy : kStrategies) {
        programs.push_back(lowering::lower_output_stationary(each, properties,
                                                             {lowering::Granularity::tile, strategy, skew}));
        environment.requesters.push_back("task" + std::to_string(programs.size() - 1));
        environment.tasks.emplace_back().tensors = {next, programs.back().memory_bytes};
        next += programs.back().memory_bytes;
      }
    }
    environment.spare_memory->next = next;
    environment.functional = true;
    watched = false;
    make(properties, burst);
    bind_feedback();
    load_programs();
    feedback->respond = [this](const test::TargetRecorder::Access& access) {
      const uint32_t flags = access.as<abi::FeedbackWords>().task;
      if ((flags & abi::kFeedbackLast) != 0 && (flags & abi::kFeedbackFailed) != 0)
        failed.push_back(*current);
      region_ended();
      return tlm::TLM_OK_RESPONSE;
    };
    if (burst) connect_memory();
  }

  void run(std::vector<Case> all) {
    cases = std::move(all);
    next_case = segment = 0;
    current.reset();
    unfinished = false;
    progress.clear();
    agenda.at(core::now_ps(), [this] { issue_next(); });
    while (next_case < cases.size()) {
      run_until(core::now_ps() + ms(1).ps);
      ASSERT_EQ(core::failure_message(), "");
    }
  }

  [[nodiscard]] observe::FunctionalTotals totals() const { return *report().functional; }
  [[nodiscard]] uint32_t regions(uint16_t task) const {
    return static_cast<uint32_t>(programs[task].regions.size());
  }
  observe::JobId new_job(uint64_t task) { return {static_cast<uint16_t>(task), jobs++}; }
  [[nodiscard]] Segment to_end(observe::JobId job) const { return {job, regions(job.task)}; }

  uint64_t skew = 0;
  std::vector<lowering::Program> programs;
  ddr::DdrController::Properties ddr;
  /// Tasks whose partial tiles lie where there is no memory, and ones whose first inputs cannot be read.
  std::set<uint32_t> without_partial, unreadable;
  std::vector<observe::JobId> failed;
  std::unique_ptr<ddr::DdrController> memory;
  std::unique_ptr<test::Initiator> back_door;
  uint32_t jobs = 0;

 private:
  void load_programs() {
    namespace km = abi::kernel_manager;
    core::RegisterPort& bank = *model->register_bank();
    uint32_t first_region = 0;
    uint32_t first_entry = 0;
    for (uint32_t task = 0; task < programs.size(); ++task) {
      std::vector<abi::IndexEntry> index = programs[task].regions;
      for (abi::IndexEntry& region : index) region.first += first_entry;
      std::vector<abi::MetadataEntry> entries = programs[task].entries;
      for (abi::MetadataEntry& entry : entries) {
        for (uint64_t* address : {&entry.a, &entry.b, &entry.c, &entry.partial})
          *address += environment.tasks[task].tensors.first;
        if (without_partial.contains(task)) entry.partial = 0;
      }
      if (unreadable.contains(task)) ddr.faults.push_back({.address = Address{entries[0].a}, .bits = 2});
      auto count = static_cast<uint32_t>(index.size());
      bank.load(km::kTaskBase + 4 * task, &first_region, 4);
      bank.load(km::kRegionCount + 4 * task, &count, 4);
      bank.load(km::kIndexTable + first_region * sizeof index[0], index.data(),
                index.size() * sizeof index[0]);
      bank.load(km::kMetadataTable + first_entry * sizeof entries[0], entries.data(),
                entries.size() * sizeof entries[0]);
      first_region += count;
      first_entry += static_cast<uint32_t>(entries.size());
    }
  }

  void connect_memory() {
    ddr.first_address.value = kMemory;
    memory = std::make_unique<ddr::DdrController>("memory", ddr, environment);
    back_door = std::make_unique<test::Initiator>("back_door");
    const char* ports[] = {"a", "b", "c"};
    for (int i = 0; i < 3; ++i)
      core::connect(model->endpoint(ports[i]), memory->endpoint("port." + std::to_string(i)));
    back_door->socket.bind(*std::get<core::TargetEndpoint>(memory->endpoint("port.3")).socket);
  }

  void region_ended() {
    if (unfinished) ++progress[key(*current)];
    issue_next();
  }

  static uint64_t key(observe::JobId job) { return uint64_t{job.task} << 32 | job.job; }

  void issue_next() {
    while (next_case < cases.size()) {
      const Case& now = cases[next_case];
      if (segment == now.size()) {
        ++next_case;
        segment = 0;
        continue;
      }
      const Segment& wanted = now[segment];
      uint32_t region = progress[key(wanted.job)];
      if (region < wanted.until) {
        start(wanted.job, region);
        return;
      }
      ++segment;
    }
  }

  void start(observe::JobId job, uint32_t region) {
    bool left_unfinished = current && progress[key(*current)] < regions(current->task) && *current != job;
    bool switched = !current || *current != job;
    uint32_t flags = (left_unfinished ? abi::kInstructionPreempt : 0) |
                     (switched && region > 0 ? abi::kInstructionResume : 0);
    uint32_t last_region = left_unfinished ? progress[key(*current)] - 1 : 0;
    uint32_t last_task = left_unfinished ? current->task : 0;
    current = job;
    unfinished = true;
    EXPECT_EQ(block.write(0, words(job.task, job.job, region, flags, last_task, last_region)),
              tlm::TLM_OK_RESPONSE);
  }

  std::vector<Case> cases;
  size_t next_case = 0, segment = 0;
  std::optional<observe::JobId> current;
  bool unfinished = false;
  std::map<uint64_t, uint32_t> progress;  ///< regions done, by job
};

class FunctionalOf : public Functional, public ::testing::WithParamInterface<uint32_t> {
 protected:
  /// Each task preempted at every boundary, by a whole job and by one that is itself preempted by a third.
  std::vector<Case> every_boundary() {
    std::vector<Case> all;
    for (uint16_t task = 0; task < programs.size(); ++task) {
      for (uint32_t at = 1; at < regions(task); ++at) {
        observe::JobId a = new_job(task);
        observe::JobId b = new_job((task + at) % programs.size());
        all.push_back({{a, at}, to_end(b), to_end(a)});
        a = new_job(task);
        b = new_job((task + 2 * at + 1) % programs.size());
        observe::JobId c = new_job((task + 5 * at) % programs.size());
        uint32_t inner = 1 + at % (regions(b.task) - 1);
        all.push_back({{a, at}, {b, inner}, to_end(c), to_end(b), to_end(a)});
      }
    }
    return all;
  }

  /// A preempted by B preempted by C, at every pair of boundaries of two tasks.
  std::vector<Case> every_pair(uint16_t outer, uint16_t inner) {
    std::vector<Case> all;
    for (uint32_t i = 1; i < regions(outer); ++i) {
      for (uint32_t j = 1; j < regions(inner); ++j) {
        observe::JobId a = new_job(outer), b = new_job(inner),
                       c = new_job((outer + inner + i) % programs.size());
        all.push_back({{a, i}, {b, j}, to_end(c), to_end(b), to_end(a)});
      }
    }
    return all;
  }

  /// Up to four live jobs, now and then of one task, in any interleaving.
  std::vector<Case> random_interleavings(uint64_t rounds, uint32_t longest) {
    std::mt19937 random{7};
    std::vector<Case> all;
    for (uint64_t round = 0; round < rounds; ++round) {
      std::vector<Segment> live;
      for (uint64_t i = 0; i < 2 + random() % 3; ++i) {
        bool same = i > 0 && random() % 3 == 0;
        live.push_back({new_job(same ? live[0].job.task : random() % programs.size()), 0});
      }
      Case made;
      while (!live.empty()) {
        size_t chosen = random() % live.size();
        Segment& job = live[chosen];
        job.until =
            std::min(job.until + 1 + static_cast<uint32_t>(random() % longest), regions(job.job.task));
        made.push_back(job);
        if (job.until == regions(job.job.task))
          live.erase(live.begin() + static_cast<std::ptrdiff_t>(chosen));
      }
      all.push_back(made);
    }
    return all;
  }

  void expect_all_right() {
    EXPECT_EQ(totals().jobs_checked, jobs);
    EXPECT_EQ(totals().mismatches, 0U) << totals().first;
    RecordProperty("jobs", static_cast<int>(jobs));
  }
};

INSTANTIATE_TEST_SUITE_P(Elements, FunctionalOf, ::testing::Values(4U, 1U),
                         [](const auto& bytes) { return bytes.param == 4 ? "Fp32" : "Int8"; });

TEST_P(FunctionalOf, PreemptedAtEveryBoundaryOfSmallLayers) {
  build(computing(GetParam()), small_networks());
  run(every_boundary());
  expect_all_right();
  EXPECT_GT(jobs, 1000U);
}

TEST_P(FunctionalOf, TiledLayoutPreemptedAtEveryBoundary) {
  Accelerator::Properties properties = computing(GetParam());
  properties.layout = Layout::tiled;
  build(properties, small_networks());
  run(every_boundary());
  expect_all_right();
}

TEST_P(FunctionalOf, NestedAtEveryPairOfBoundaries) {
  build(computing(GetParam()), {network({{7, 10, 9}}), network({{5, 8, 4}, {3, 5, 6}})});
  for (uint16_t outer = 0; outer < 3; ++outer) {
    for (uint16_t inner = 3; inner < 6; ++inner) run(every_pair(outer, inner));
  }
  expect_all_right();
  EXPECT_GT(jobs, 4000U);
}

TEST_P(FunctionalOf, AnyInterleavingOfSmallLayers) {
  build(computing(GetParam()), small_networks());
  run(random_interleavings(5000, 8));
  expect_all_right();
}

TEST_P(FunctionalOf, RandomPointsOfLargeLayers) {
  Accelerator::Properties properties = computing(GetParam());
  properties.tile = {16, 8, 16};
  build(properties,
        {network({{100, 90, 70}}), network({{33, 200, 50}, {33, 50, 120}}), network({{64, 500, 17}})});
  run(random_interleavings(500, 60));
  expect_all_right();
}

TEST_P(FunctionalOf, BurstsCarryTheSameBytes) {
  skew = 32768;
  build(computing(GetParam()), small_networks(), true);
  std::vector<Case> all = every_boundary();
  std::vector<Case> some = random_interleavings(100, 8);
  all.insert(all.end(), some.begin(), some.end());
  run(std::move(all));
  expect_all_right();
}

TEST_P(FunctionalOf, TiledBurstsCarryTheSameBytes) {
  Accelerator::Properties properties = computing(GetParam());
  properties.layout = Layout::tiled;
  build(properties, small_networks(), true);
  run(every_boundary());
  expect_all_right();
}

TEST_P(FunctionalOf, AllTasksJobsLiveAtOnce) {
  build(computing(GetParam()), small_networks());
  Case made;
  std::vector<observe::JobId> live;
  for (uint32_t i = 0; i < 40; ++i) live.push_back(new_job(i % 20 % programs.size()));
  for (uint32_t until = 1; until < 60; ++until) {
    for (observe::JobId job : live) made.push_back({job, std::min(until, regions(job.task))});
  }
  run({made});
  expect_all_right();
}

// ---- jobs given up after errors of the memory: not checked, and harmless to all others

class FunctionalErrors : public FunctionalOf {
 protected:
  void build_abandoning() {
    ddr.ecc = true;
    Accelerator::Properties properties = computing(GetParam());
    properties.on_error = dma::OnError::abandon;
    build(properties, small_networks(), true);
  }
  void expect_others_right() const {
    EXPECT_EQ(totals().jobs_checked, jobs - failed.size());
    EXPECT_EQ(totals().mismatches, 0U) << totals().first;
  }
};

INSTANTIATE_TEST_SUITE_P(Elements, FunctionalErrors, ::testing::Values(4U, 1U),
                         [](const auto& bytes) { return bytes.param == 4 ? "Fp32" : "Int8"; });

TEST_P(FunctionalErrors, OfTheirInputs) {
  unreadable = {0, 4, 11, 13};
  build_abandoning();
  run(random_interleavings(600, 8));
  expect_others_right();
  EXPECT_GT(failed.size(), jobs / 20);
  for (observe::JobId job : failed) EXPECT_TRUE(unreadable.contains(job.task)) << job.task;
}

TEST_P(FunctionalErrors, OfTheirPartialOutputsAsTheyAreSwappedOut) {
  without_partial = {1, 4, 10, 14};  // persist, persist, persist, flexible
  build_abandoning();
  run(random_interleavings(600, 8));
  expect_others_right();
  EXPECT_GT(failed.size(), jobs / 20);
  for (observe::JobId job : failed) EXPECT_TRUE(without_partial.contains(job.task)) << job.task;
}

TEST_P(FunctionalErrors, OfBoth) {
  unreadable = {0, 4, 11};
  without_partial = {1, 4, 7, 10, 14};
  build_abandoning();
  run(every_boundary());
  expect_others_right();
  EXPECT_GT(failed.size(), jobs / 20);
}

// ---- planted faults: the tests above would find them

class PlantedFault : public FunctionalOf {
 protected:
  uint64_t mismatches(Fault fault) {
    Accelerator::Properties properties = computing(GetParam());
    properties.functional_fault = fault;
    build(properties, small_networks());
    run(every_boundary());
    EXPECT_EQ(totals().jobs_checked, jobs);
    EXPECT_EQ(totals().first.empty(), totals().mismatches == 0);
    return totals().mismatches;
  }
};

INSTANTIATE_TEST_SUITE_P(Elements, PlantedFault, ::testing::Values(4U, 1U),
                         [](const auto& bytes) { return bytes.param == 4 ? "Fp32" : "Int8"; });

TEST_P(PlantedFault, PersistThatSkipsARowIsFound) {
  EXPECT_GT(mismatches(Fault::persist_skips_row), jobs / 10);
  EXPECT_THAT(totals().first, ::testing::HasSubstr("task 'task"));
  EXPECT_THAT(totals().first, ::testing::HasSubstr("element (0, 0) is "));
}

TEST_P(PlantedFault, RecomputeThatDoesNotCleanIsFound) {
  EXPECT_GT(mismatches(Fault::recompute_skips_clean), jobs / 10);
}

TEST_P(PlantedFault, SwappedLoadBuffersAreFound) { EXPECT_EQ(mismatches(Fault::loads_swap_buffers), jobs); }

TEST_F(Functional, AFaultOfPersistDoesNothingToRecompute) {
  Accelerator::Properties properties = computing(4);
  properties.functional_fault = Fault::persist_skips_row;
  build(properties, {network({{7, 10, 9}})});
  std::vector<Case> all;
  for (uint32_t at = 1; at < regions(0); ++at) {
    observe::JobId a = new_job(0), b = new_job(0);
    all.push_back({{a, at}, to_end(b), to_end(a)});
  }
  run(std::move(all));
  EXPECT_EQ(totals().jobs_checked, jobs);
  EXPECT_EQ(totals().mismatches, 0U) << totals().first;
}

TEST_F(Functional, AWrongWordInMemoryIsFound) {
  build(computing(4), {network({{7, 10, 9}})}, true);
  run({{to_end(new_job(0))}});
  EXPECT_EQ(totals().mismatches, 0U);
  // A weight changes between two jobs.
  uint32_t nothing = 0;
  tlm::tlm_generic_payload write;
  write.set_command(tlm::TLM_WRITE_COMMAND);
  write.set_address(kMemory + programs[0].entries[0].b + 4 * 10);
  write.set_data_ptr(reinterpret_cast<unsigned char*>(&nothing));
  write.set_data_length(4);
  EXPECT_EQ(back_door->socket->transport_dbg(write), 4U);
  run({{to_end(new_job(0))}});
  EXPECT_EQ(totals().jobs_checked, 2U);
  EXPECT_EQ(totals().mismatches, 1U);
  EXPECT_THAT(totals().first, ::testing::HasSubstr("task 'task0', job 1, layer 0, element (0, "));
}

// ---- against memory, read by the test itself

class FunctionalMemory : public Functional {
 protected:
  /// Rows of a row-major matrix with `padded` columns.
  template <class T>
  std::vector<T> read(uint64_t address, uint32_t rows, uint32_t columns, uint32_t padded) {
    std::vector<T> all(size_t{rows} * columns);
    for (uint32_t row = 0; row < rows; ++row) {
      tlm::tlm_generic_payload payload;
      payload.set_command(tlm::TLM_READ_COMMAND);
      payload.set_address(address + uint64_t{row} * padded * sizeof(T));
      payload.set_data_ptr(reinterpret_cast<unsigned char*>(&all[size_t{row} * columns]));
      payload.set_data_length(static_cast<unsigned>(columns * sizeof(T)));
      EXPECT_EQ(back_door->socket->transport_dbg(payload), columns * sizeof(T));
    }
    return all;
  }
};

TEST_F(FunctionalMemory, Fp32IsTheDoublePrecisionProductWithinItsBoundAndTheSameBitsWhenPreempted) {
  build(computing(4), {network({{7, 10, 9}}), network({{8, 3, 10}})}, true);
  for (uint16_t task = 0; task < 3; ++task) {
    abi::MetadataEntry layer = programs[task].entries[0];
    uint64_t base = environment.tasks[task].tensors.first;
    run({{to_end({task, 5})}});
    auto a = read<float>(base + layer.a, 7, 10, 12);
    auto b = read<float>(base + layer.b, 10, 9, 10);
    auto c = read<float>(base + layer.c, 7, 9, 10);
    for (uint32_t row = 0; row < 7; ++row) {
      for (uint32_t column = 0; column < 9; ++column) {
        double sum = 0;
        double magnitudes = 0;
        for (uint32_t i = 0; i < 10; ++i) {
          double product = double{a[row * 10 + i]} * double{b[i * 9 + column]};
          sum += product;
          magnitudes += std::abs(product);
        }
        EXPECT_NE(sum, 0);
        EXPECT_LE(std::abs(c[row * 9 + column] - sum), 11 * std::ldexp(magnitudes, -24));
      }
    }
    // The same job again, preempted by others at every boundary.
    Case cut;
    for (uint32_t at = 1; at <= regions(task); ++at) {
      cut.push_back({{task, 5}, at});
      cut.push_back(to_end({static_cast<uint16_t>(3 + at % 3), 100 + at}));
    }
    run({{to_end({task, 6})}, cut});
    EXPECT_EQ(read<float>(base + layer.c, 7, 9, 10), c);
  }
  EXPECT_EQ(totals().mismatches, 0U) << totals().first;
}

TEST_F(FunctionalMemory, PaddingOfOutputsStaysZero) {
  build(computing(4), {network({{7, 10, 9}})}, true);
  run({{to_end({0, 0})}});
  auto padded = read<float>(kMemory + programs[0].entries[0].c, 8, 10, 10);
  for (uint32_t row = 0; row < 8; ++row) {
    for (uint32_t column = 0; column < 10; ++column) {
      EXPECT_EQ(padded[row * 10 + column] == 0, row == 7 || column == 9) << row << ", " << column;
    }
  }
}

TEST_F(FunctionalMemory, JobsOfOneTaskThatLiveSideBySideLieInMemoryOfTheirOwn) {
  build(computing(4), {network({{7, 10, 9}})}, true);
  run({{{{1, 0}, 9}, to_end({1, 1}), to_end({1, 0})}});
  EXPECT_EQ(totals().jobs_checked, 2U);
  EXPECT_EQ(totals().mismatches, 0U) << totals().first;
  const core::MemoryRange& own = environment.tasks[1].tensors;
  EXPECT_EQ(environment.spare_memory->next, environment.tasks[2].tensors.first + 2 * own.bytes);
}

}  // namespace
}  // namespace vesper::accelerator
