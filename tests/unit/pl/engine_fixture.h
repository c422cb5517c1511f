/// What tests of engines stand on: a design with one accelerator, a source and a sink of rows, a memory of
/// addends.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "models/pl/graph_reference.h"
#include "models/pl/stream_engine.h"
#include "tests/support/stimulus.h"
#include "tests/unit/pl/graphs.h"

namespace vesper::pl::testing {

/// Rows as they came to a sink.
struct Rows {
  uint32_t op = 0, first_row = 0, rows = 0, first_column = 0, columns = 0;
  uint64_t first_ps = 0, last_ps = 0;
  bool operator==(const Rows&) const = default;
  friend void PrintTo(const Rows& r, std::ostream* out) {
    *out << "operator " << r.op << ", rows " << r.first_row << " + " << r.rows << ", columns "
         << r.first_column << " + " << r.columns << ": " << r.first_ps << ".." << r.last_ps;
  }
};

/// Takes rows as they come, or so much later, and keeps them; `done` is a nanosecond after the last row.
class Sink : public sc_core::sc_module {
 public:
  explicit Sink(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_b_transport(this, &Sink::b_transport);
  }
  tlm_utils::simple_target_socket<Sink> socket{"socket"};
  uint64_t late_ps = 0;
  std::vector<Rows> seen;
  std::vector<StreamPacket> packets;
  std::vector<const void*> payloads;
  std::vector<std::vector<std::byte>> data;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    StreamPacket& p = spatial::packet_of(payload);
    seen.push_back({p.op, p.first_row, p.rows, p.first_column, p.columns, p.first_ps, p.last_ps});
    packets.push_back(p);
    payloads.push_back(&payload);
    auto* bytes = reinterpret_cast<const std::byte*>(payload.get_data_ptr());
    data.emplace_back(bytes, bytes + payload.get_data_length());
    p.taken_ps = p.last_ps + late_ps;
    p.done_ps = p.last_ps + 1000;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

/// Gives rows of matrices by operator.
class Memory : public sc_core::sc_module {
 public:
  explicit Memory(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_b_transport(this, &Memory::b_transport);
  }
  tlm_utils::simple_target_socket_optional<Memory> socket{"socket"};
  std::vector<Rows> reads;
  std::function<const Matrix&(uint32_t op)> matrix;
  bool answers = true;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    const StreamPacket& p = spatial::packet_of(payload);
    EXPECT_TRUE(payload.is_read());
    reads.push_back({p.op, p.first_row, p.rows, p.first_column, p.columns, 0, 0});
    if (!answers) return;
    if (payload.get_data_length() != 0) {
      const Matrix& from = matrix(p.op);
      const size_t row_bytes = size_t{p.columns} * from.element_bytes();
      ASSERT_EQ(payload.get_data_length(), p.rows * row_bytes);
      for (uint32_t row = 0; row < p.rows; ++row) {
        std::memcpy(payload.get_data_ptr() + row * row_bytes, from.at(p.first_row + row, p.first_column),
                    row_bytes);
      }
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

class Source : public sc_core::sc_module {
 public:
  explicit Source(sc_core::sc_module_name name) : sc_module(name) {}
  tlm_utils::simple_initiator_socket<Source> socket{"socket"};
  spatial::StreamCall call;
};

using Settings = std::initializer_list<std::pair<const char*, const char*>>;

/// A block of a transformer, 8 tokens x 16 columns in two heads, on accelerator `x`: 2 x 1 x 2 AIEs, engines
/// of 4 lanes a stream. A row of a head, or of one matrix without heads, so goes past 8 lanes.
class EngineTest : public test::Stimulus {
 protected:
  enum Op : uint32_t {
    kQkv,
    kKeys,
    kScores,
    kDequantised,
    kSoftmax,
    kShares,
    kContext,
    kProjection,
    kSum,
    kReal,
    kNormal,
    kNormal8,
    kFc1,
    kFc1Real,
    kGelu,
    kGelu8,
    kFc2,
    kResult
  };

  EngineTest() {
    design.accelerators.push_back({"x", {2, 1, 2}, {4, 4, 4}, 1, false, 4, {}});
    design.accelerators[0].stages = graph->stages();
    environment.tasks.resize(1 + graph->stages().size());
    environment.tasks[0].name = "deit";
    observers.join(signals);
    environment.observers = &observers;
  }

  /// An engine behind those that there are.
  StreamEngine& make(const std::string& type, Settings settings = {}, const std::string& name = "engine") {
    if (!environment.spatial) {
      environment.spatial =
          std::make_shared<spatial::Plan>(design, std::vector<spatial::GraphTask>{{0, graph, 1, 1}});
    }
    Node properties = Node::map();
    properties.at_or_add("accelerator", {}) = Node::scalar("x");
    for (const auto& [key, value] : settings) properties.at_or_add(key, {}) = Node::scalar(value);
    const core::IpFactory* factory = core::IpRegistry::instance().find(type);
    if (factory == nullptr) throw std::invalid_argument("no type " + type);
    engines.emplace_back(factory->create(name.c_str(), properties, name, {}, environment));
    core::Ip& made = *engines.back();
    const core::Endpoint from = engines.size() == 1
                                    ? core::Endpoint(core::InitiatorEndpoint{
                                          [this](core::TargetSocket& t) { source.socket.bind(t); }})
                                    : engines[engines.size() - 2]->endpoint("out");
    core::connect(from, made.endpoint("in"));
    if (type == "vector_add" && memory_connected)
      core::connect(made.endpoint("addend"), core::TargetEndpoint{&memory.socket});
    return dynamic_cast<StreamEngine&>(made);
  }
  /// Connects the last engine and begins simulation.
  void start() {
    core::connect(engines.back()->endpoint("out"), core::TargetEndpoint{&sink.socket});
    run_until(0);
  }
  /// Sends rows of an operator's result: by default all, at edges `first` to `last`.
  StreamPacket& send(uint32_t op, uint64_t first, uint64_t last, uint32_t first_row = 0, uint32_t rows = 8,
                     uint32_t first_column = 0, uint32_t columns = 0) {
    StreamPacket& packet = source.call.packet;
    packet.job = {0, job};
    packet.op = op;
    packet.first_row = first_row;
    packet.rows = rows;
    packet.first_column = first_column;
    packet.columns = columns != 0 ? columns : graph->operators[op].columns;
    packet.format = graph->operators[op].format;
    packet.by_rows = design.pipeline;
    packet.first_ps = edge(first);
    packet.last_ps = edge(last);
    send(packet);
    return packet;
  }
  void send(const StreamPacket& packet) {
    std::vector<std::byte> bytes;
    if (environment.functional) {
      const Matrix& from = results.at(packet.op);
      for (uint32_t row = 0; row < packet.rows; ++row) {
        const std::byte* at = from.at(packet.first_row + row, packet.first_column);
        bytes.insert(bytes.end(), at, at + size_t{packet.columns} * from.element_bytes());
      }
    }
    source.call.write(source.socket, bytes);
  }
  void make_functional(uint64_t seed = 7) {
    environment.functional = true;
    environment.seed = seed;
    const Values values(seed, "deit");
    input = values.input(*graph, 0, 0);
    results = GraphReference(*graph, values).results(input);
    memory.matrix = [this](uint32_t op) -> const Matrix& {
      return op == workload::Edge::kInput ? input : results.at(op);
    };
  }
  /// What the sink got of an operator's result.
  [[nodiscard]] Matrix collected(uint32_t op) const {
    Matrix all(graph->operators[op]);
    for (size_t i = 0; i < sink.packets.size(); ++i) {
      const StreamPacket& p = sink.packets[i];
      if (p.op != op) continue;
      const size_t row_bytes = size_t{p.columns} * all.element_bytes();
      for (uint32_t row = 0; row < p.rows; ++row)
        std::memcpy(all.at(p.first_row + row, p.first_column), sink.data[i].data() + row * row_bytes,
                    row_bytes);
    }
    return all;
  }

  static uint64_t depth_of(const char* engine) { return spatial::find_engine(engine)->depth; }

  std::shared_ptr<const workload::Graph> graph =
      std::make_shared<const workload::Graph>(transformer_block(8, 16, 2));
  spatial::Design design;
  observe::ObserverHub observers;
  test::RecordingObserver signals{{"busy", "operator", "job"}};
  core::Environment environment;
  Source source{"source"};
  Sink sink{"sink"};
  Memory memory{"memory"};
  bool memory_connected = true;
  uint32_t job = 0;
  std::vector<std::unique_ptr<core::Ip>> engines;
  Matrix input;
  std::vector<Matrix> results;
};

}  // namespace vesper::pl::testing
