#include "models/spatial/image_dma.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/run_report.h"
#include "models/pl/operation.h"
#include "models/scheduler/release_port.h"
#include "models/spatial/guarded.h"
#include "models/spatial/plan_of.h"

namespace vesper::spatial {

using observe::Topic;
using workload::Edge;
using workload::Graph;

namespace {

std::vector<std::string> names_of(const core::Environment& environment) {
  std::vector<std::string> names;
  for (const core::TaskInfo& task : environment.tasks) names.push_back(task.name);
  return names;
}

uint64_t input_bytes(const Graph& graph) { return uint64_t{graph.input_rows} * graph.input_columns; }

}  // namespace

void ImageDma::Properties::describe(Schema<Properties>& p) {
  p("clock", &Properties::clock, "clock of the programmable logic").between(MHz(1), MHz(10'000));
  p("rows", &Properties::rows, "rows of an input that go on together, in `burst` memory").between(1, 65536);
  MemoryPortProperties::describe_in(p);
}

ImageDma::ImageDma(sc_core::sc_module_name module_name, const Properties& properties,
                   const core::Environment& environment)
    : Ip(module_name),
      plan_((plan_of(environment), environment.spatial)),
      observers_(*environment.observers),
      group_rows_(properties.rows),
      names_(names_of(environment)),
      load_("load", properties, properties.clock, environment,
            [this](uint64_t place) { load_done(static_cast<uint32_t>(place)); }),
      store_("store", properties, properties.clock, environment,
             [this](uint64_t place) { store_done(static_cast<uint32_t>(place)); }),
      spare_(environment.spare_memory),
      images_signal_(observers_, {fmt::format("{}.images", basename()), "spatial", 16, false}) {
  for (uint16_t task = 0; task < environment.tasks.size(); ++task) {
    if (environment.functional) values_.emplace_back(environment.seed, names_[task]);
    const Graph* graph = plan_->graph_of(task);
    if (graph == nullptr) continue;
    tasks_.push_back(task);
    input_bytes_ = std::max(input_bytes_, input_bytes(*graph));
    result_bytes_ = std::max(result_bytes_, graph->operators.back().bytes());
  }
  waiting_.resize(tasks_.size());
  results.register_b_transport(this, &ImageDma::rows_written);
  expose("out", out);
  expose("results", results);
  expose("releases", releases);
  expose("release_available", release_available);
  expose("load", load_.socket());
  expose("store", store_.socket());
  images_signal_.set(0, 0);
  SC_HAS_PROCESS(ImageDma);
  SC_METHOD(results_due);
  dont_initialize();
  sensitive << due_.wake;
}

void ImageDma::start_of_simulation() {
  if (releases.size() > 0 && out.size() > 0) return;
  throw InputError(
      fmt::format("{}: connect 'releases' to a job release module and 'out' to the stream switch", name()));
}

// ---- jobs

void ImageDma::on_release(bool level) {
  if (level) admit();
}

/// One job of each task ahead, as FIFOs give away what they hold by task alone.
void ImageDma::take_releases() {
  uint64_t mask = 0;
  read_releases(scheduler::release_port::kWaiting, &mask, sizeof mask);
  for (size_t i = 0; i < tasks_.size(); ++i) {
    if (waiting_[i] != nullptr || (mask >> tasks_[i] & 1) == 0) continue;
    abi::ReleaseWords words{};
    read_releases(scheduler::release_port::kStride * tasks_[i], &words, sizeof words);
    waiting_[i] = std::make_unique<Job>();
    waiting_[i]->id = {tasks_[i], words.job};
    waiting_[i]->release_ps = words.release_low | uint64_t{words.release_high} << 32;
    waiting_[i]->deadline_ps = words.deadline_low | uint64_t{words.deadline_high} << 32;
    waiting_[i]->weight = words.weight;
  }
}

void ImageDma::read_releases(uint64_t address, void* data, unsigned bytes) {
  release_payload_.set_read();
  release_payload_.set_address(address);
  release_payload_.set_data_ptr(static_cast<unsigned char*>(data));
  release_payload_.set_data_length(bytes);
  release_payload_.set_streaming_width(bytes);
  release_payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  releases->b_transport(release_payload_, delay);
  if (release_payload_.is_response_ok()) return;
  core::fail_simulation(fmt::format("{}: a read of the release FIFOs at {:#x} was answered with {} at {} ps",
                                    name(), address, release_payload_.get_response_string(), core::now_ps()));
}

ImageDma::Job* ImageDma::next_job() {
  take_releases();
  Job* next = nullptr;
  for (const auto& job : waiting_) {
    if (job == nullptr) continue;
    // What has begun goes on; then the earliest release, the least task among equals.
    if (job->admitted > 0) return job.get();
    if (next == nullptr || job->release_ps < next->release_ps) next = job.get();
  }
  return next;
}

void ImageDma::admit() {
  if (admitting_) return;  // FIFOs tell again while they are read
  admitting_ = true;
  guarded(*this, [this] {
    while (live_ < plan_->design().images) {
      Job* job = next_job();
      if (job == nullptr) break;
      let_in(*job);
    }
  });
  admitting_ = false;
}

void ImageDma::let_in(Job& job) {
  auto place = std::ranges::find_if(images_, [](const auto& image) { return !image->live; });
  if (place == images_.end()) {
    place = images_.insert(images_.end(), std::make_unique<Image>());
    (*place)->input_at = spare_->take(input_bytes_);
    (*place)->result_at = spare_->take(result_bytes_);
  }
  Image& image = **place;
  const Graph& graph = *plan_->graph_of(job.id.task);
  image.live = true;
  image.job = &job;
  image.image = job.admitted++;
  image.rows_loaded = 0;
  image.missing = uint64_t{graph.operators.back().rows} * graph.operators.back().columns;
  image.last_ps = 0;
  if (!values_.empty()) image.values = values_[job.id.task].input(graph, job.id.job, image.image);
  ++live_;
  show();
  if (job.admitted == plan_->images_of(job.id.task)) {
    auto own = std::ranges::find_if(waiting_, [&](const auto& waiting) { return waiting.get() == &job; });
    inside_.push_back(std::move(*own));
  }
  load(image);
}

// ---- inputs

void ImageDma::load(Image& image) {
  const Graph& graph = *plan_->graph_of(image.job->id.task);
  const auto place = static_cast<uint64_t>(
      std::ranges::find_if(images_, [&](const auto& known) { return known.get() == &image; }) -
      images_.begin());
  const uint32_t group = load_.burst() ? group_rows_ : graph.input_rows;
  for (uint32_t row = 0; row < graph.input_rows; row += group) {
    const uint64_t rows = std::min(group, graph.input_rows - row);
    const uint64_t bytes = rows * graph.input_columns;
    const auto interval = load_.request({image.input_at + uint64_t{row} * graph.input_columns, bytes, false,
                                         image.job->id, Edge::kInput, place});
    if (!interval) continue;
    const uint64_t row_ps = (interval->end_ps - interval->first_byte_ps) / graph.input_rows;
    send(image, graph.input_rows, interval->first_byte_ps + row_ps, interval->end_ps);
  }
}

void ImageDma::load_done(uint32_t place) {
  if (!load_.burst()) return;
  Image& image = *images_[place];
  const Graph& graph = *plan_->graph_of(image.job->id.task);
  guarded(*this, [&] {
    send(image, std::min(group_rows_, graph.input_rows - image.rows_loaded), core::now_ps(), core::now_ps());
  });
}

void ImageDma::send(Image& image, uint32_t rows, uint64_t first_ps, uint64_t last_ps) {
  const Graph& graph = *plan_->graph_of(image.job->id.task);
  pl::StreamPacket& packet = rows_.packet;
  packet.job = image.job->id;
  packet.image = image.image;
  packet.op = Edge::kInput;
  packet.first_row = image.rows_loaded;
  packet.rows = rows;
  packet.first_column = 0;
  packet.columns = graph.input_columns;
  packet.by_rows = plan_->design().pipeline;
  packet.first_ps = first_ps;
  packet.last_ps = packet.step_end_ps = last_ps;
  packet.deadline_ps = image.job->deadline_ps;
  packet.weight = image.job->weight;
  std::span<std::byte> values;
  if (!values_.empty()) values = {image.values.at(packet.first_row, 0), size_t{rows} * packet.columns};
  image.rows_loaded += rows;
  rows_.write(out, values);
}

// ---- results

void ImageDma::rows_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
  guarded(*this, [&] { take_rows(packet_of(payload)); });
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void ImageDma::take_rows(pl::StreamPacket& packet) {
  packet.taken_ps = packet.done_ps = packet.last_ps;
  for (uint32_t place = 0; place < images_.size(); ++place) {
    Image& image = *images_[place];
    if (!image.live || image.job->id != packet.job || image.image != packet.image) continue;
    const Graph& graph = *plan_->graph_of(packet.job.task);
    const uint64_t elements = uint64_t{packet.rows} * packet.columns;
    if (packet.op + 1 != graph.operators.size() || elements > image.missing) break;
    image.missing -= elements;
    image.last_ps = std::max({image.last_ps, packet.last_ps, packet.step_end_ps});
    if (image.missing == 0) due_.push(image.last_ps, place);
    return;
  }
  throw core::SimulationError(
      fmt::format("rows of operator {} of job {}, image {}, which are no result that "
                  "it waits for",
                  packet.op, packet.job.job, packet.image));
}

void ImageDma::results_due() {
  uint32_t place = 0;
  while (due_.take(place)) {
    const Image& image = *images_[place];
    const workload::Operator& result = plan_->graph_of(image.job->id.task)->operators.back();
    store_.request({image.result_at, result.bytes(), true, image.job->id, 0, place});
  }
}

void ImageDma::store_done(uint32_t place) {
  Image& image = *images_[place];
  image.live = false;
  --live_;
  ++stored_images_;
  show();
  if (++image.job->stored == plan_->images_of(image.job->id.task)) complete(*image.job);
  admit();
}

void ImageDma::complete(Job& job) {
  ++stored_jobs_;
  const uint64_t now = core::now_ps();
  if (observers_.wants(Topic::job)) observers_.job_completed(job.id, now);
  if (observers_.wants(Topic::region)) observers_.region_ended({job.id, 0, true, now, now, kNoAccelerator});
  std::erase_if(inside_, [&](const auto& known) { return known.get() == &job; });
}

void ImageDma::show() { images_signal_.set(live_, core::now_ps()); }

void ImageDma::report(core::RunReport& report) const {
  report.memory["image_dma"].push_back({{"dma", basename()},
                                        {"images", stored_images_},
                                        {"jobs", stored_jobs_},
                                        {"errors", load_.errors() + store_.errors()}});
}

std::string ImageDma::waiting_for() const {
  std::string waits;
  for (const auto& image : images_) {
    if (!image->live) continue;
    waits += fmt::format("{}the result of {} job {} image {}", waits.empty() ? "" : "; ",
                         names_[image->job->id.task], image->job->id.job, image->image);
  }
  return waits;
}

VESPER_IP(ImageDma, "image_dma", "loads the inputs of a spatial design and stores its results");

}  // namespace vesper::spatial
