/// A port of on-chip memory to DDR: moves so many bytes, one transfer after the other.
///
/// Timing      `fixed` memory: a transfer takes its latency and its bytes at the port's rate, to the
///             picosecond. `burst` memory: a DMA engine's bursts (models/dma/dma_engine.h). Transfers are
///             made in the order in which they are asked for.
/// Leaves out  in `fixed` memory, what several ports take from each other.
#pragma once

#include "models/core/ring.h"
#include "models/dma/dma_engine.h"
#include "models/spatial/due_queue.h"

namespace vesper::spatial {

struct MemoryPortProperties {
  Bandwidth bandwidth{12'900'000'000};  // VCK190, measured by users: one reader in PL on one port
  Duration latency = ns(120);           // VCK190, a read seen from PL: 100 to 120 ns at least
  dma::AxiPort axi;
  /// Declares these properties in the schema of a class derived from this one.
  template <class P>
  static void describe_in(Schema<P>& p) {
    p("bandwidth", &MemoryPortProperties::bandwidth, "rate of a transfer in `fixed` memory")
        .between(Bandwidth{1'000'000}, Bandwidth{1'000'000'000'000});
    p("latency", &MemoryPortProperties::latency, "time before a transfer's first byte in `fixed` memory")
        .between(Duration{0}, ms(1));
    p("axi", &MemoryPortProperties::axi, "port in `burst` memory");
  }
};

struct Move {
  uint64_t address = 0;
  uint64_t bytes = 0;  ///< at least 1, less than 2^32
  bool write = false;
  observe::JobId job;
  uint32_t layer = 0;
  uint64_t id = 0;  ///< given back when it is done
};

class MemoryPort : public sc_core::sc_module {
 public:
  MemoryPort(sc_core::sc_module_name name, const MemoryPortProperties& properties, Frequency clock,
             const core::Environment& environment, std::function<void(uint64_t id)> done);

  struct Interval {
    uint64_t first_byte_ps, end_ps;
  };
  /// `fixed` memory: when it will be; else it is known only when it is done.
  std::optional<Interval> request(const Move& move);
  /// Picoseconds that so many bytes take at the rate of `fixed` memory, without the latency.
  [[nodiscard]] uint64_t ps_of(uint64_t bytes) const;
  [[nodiscard]] bool burst() const { return burst_; }
  [[nodiscard]] uint64_t errors() const { return engine_.errors(); }
  [[nodiscard]] std::string waiting_for() const { return engine_.waiting_for(); }
  tlm_utils::simple_initiator_socket_optional<dma::DmaEngine>& socket() { return engine_.socket; }

 private:
  Interval reserve(const Move& move);
  void fixed_done();  // SC_METHOD on ends_
  void start_next();
  void burst_done();

  const MemoryPortProperties properties_;
  const bool burst_;
  observe::ObserverHub& observers_;
  std::function<void(uint64_t)> done_;
  dma::DmaEngine engine_;
  core::Ring<Move> waiting_;  // `burst`: the first is under way
  DueQueue<uint64_t> ends_;   // `fixed`
  uint64_t free_ps_ = 0;
};

}  // namespace vesper::spatial
