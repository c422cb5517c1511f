#include "models/noc/nsu.h"

#include <utility>

#include "models/noc/noc.h"

namespace vesper::noc {

namespace {

/// Finds a payload's chunk again when the target answers. Stays on the pooled payload.
struct ChunkIndex : tlm::tlm_extension<ChunkIndex> {
  uint32_t index = 0;
  [[nodiscard]] tlm::tlm_extension_base* clone() const override {
    auto* copy = new ChunkIndex;
    copy->index = index;
    return copy;
  }
  void copy_from(const tlm::tlm_extension_base& other) override {
    index = static_cast<const ChunkIndex&>(other).index;
  }
};

void remember(tlm::tlm_generic_payload& payload, uint32_t chunk) {
  auto* extension = payload.get_extension<ChunkIndex>();
  if (extension == nullptr) {
    extension = new ChunkIndex;  // owned by the payload from here on (TLM-2.0 convention)
    payload.set_extension(extension);
  }
  extension->index = chunk;
}

}  // namespace

Nsu::Nsu(sc_core::sc_module_name module_name, Noc& noc, const std::string& endpoint, uint32_t reads,
         uint32_t writes)
    : Unit(module_name, noc, endpoint) {
  socket.register_nb_transport_bw(this, &Nsu::backward);
  directions_[0].limit = reads;
  directions_[1].limit = writes;
}

bool Nsu::idle() const { return outstanding() == 0 && waiting_empty(); }

void Nsu::meet(uint32_t chunk) {
  if (chunk != kWakeUp) {
    noc_.chunk(chunk).stage = Chunk::Stage::nsu;
    Direction& way = directions_[noc_.chunk(chunk).write ? 1 : 0];
    way.waiting.push_back({chunk, order_++});
  }
  pump();
}

void Nsu::pump() {
  while (at_door_ == kNone && !silent_) {
    Direction* way = next();
    if (way == nullptr) return;
    uint32_t chunk = way->waiting.front().chunk;
    way->waiting.pop_front();
    if (drop_abandoned(chunk)) continue;
    ++way->outstanding;
    request(chunk);
  }
}

bool Nsu::drop_abandoned(uint32_t index) {
  const Chunk& chunk = noc_.chunk(index);
  if (!chunk.abandoned) return false;
  noc_.release_buffer(chunk);
  noc_.drop(index);
  return true;
}

/// The direction whose oldest request may go: the earlier of the two, if its limit allows.
Nsu::Direction* Nsu::next() {
  Direction* chosen = nullptr;
  for (Direction& way : directions_) {
    if (way.waiting.empty() || way.outstanding == way.limit) continue;
    if (chosen == nullptr || way.waiting.front().order < chosen->waiting.front().order) chosen = &way;
  }
  return chosen;
}

void Nsu::request(uint32_t index) {
  Chunk& chunk = noc_.chunk(index);
  tlm::tlm_generic_payload& payload = *chunk.payload;
  remember(payload, index);
  at_door_ = index;
  chunk.stage = Chunk::Stage::target;
  chunk.time.offered_ps = core::now_ps();
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED) return;
  taken();
  if (status == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) respond(index);
}

void Nsu::taken() {
  Chunk& chunk = noc_.chunk(std::exchange(at_door_, kNone));
  chunk.time.taken_ps = core::now_ps();
  noc_.release_buffer(chunk);
}

tlm::tlm_sync_enum Nsu::backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                 sc_core::sc_time&) {
  noc_.catch_up();
  uint32_t index = payload.get_extension<ChunkIndex>()->index;
  if (at_door_ == index) taken();
  bool answered = phase == tlm::BEGIN_RESP;
  if (answered) respond(index);
  if (!waiting_empty()) noc_.wake_to_meet(*this, noc_.cycle());
  noc_.schedule();
  return answered ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

void Nsu::respond(uint32_t index) {
  Chunk& chunk = noc_.chunk(index);
  --directions_[chunk.write ? 1 : 0].outstanding;
  chunk.time.answered_ps = core::now_ps();
  chunk.stage = silent_ ? Chunk::Stage::answer_kept : Chunk::Stage::answer;
  if (!silent_) noc_.send(index, true);
}

}  // namespace vesper::noc
