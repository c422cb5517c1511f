/// Properties that traffic generators share: the port, the bounds, the range of addresses.
#pragma once

#include <cstdint>
#include <optional>

#include "platform/property/schema.h"

namespace vesper::traffic {

/// What an error response does.
enum class OnError : uint8_t { stop, count };
inline EnumNames<OnError> enum_names(OnError) { return {{OnError::stop, "stop"}, {OnError::count, "count"}}; }

/// The AXI port of a generator, its pace and its bounds.
struct PortProperties {
  Frequency clock = MHz(300);        // traffic generators of AMD's Vivado design tutorial 04: 3.332 ns
  uint32_t width_bits = 512;         // widest AXI port of an NMU in PL (AMD PG313, NoC Master Unit)
  uint32_t outstanding_reads = 16;   // Vitis HLS default of m_axi num_read_outstanding (AMD UG1399)
  uint32_t outstanding_writes = 16;  // Vitis HLS default of m_axi num_write_outstanding (AMD UG1399)
  Bandwidth rate{0};
  Duration from{0};
  std::optional<Duration> until;
  std::optional<uint64_t> requests;
  std::optional<Bytes> bytes;
  OnError on_error = OnError::stop;

  [[nodiscard]] uint32_t width_bytes() const { return width_bits / 8; }
  template <class P>
  static void describe_in(Schema<P>& p);
};

/// The addresses that a generator visits, in bursts of one length. Every burst is aligned to its length.
struct RangeProperties {
  Address base{0x9'0000'0000};  // the last 2 GiB of DDR_LOW1 (AMD AM011); tensors lie at its beginning
  Bytes size = MiB(256);
  Bytes burst = KiB(1);  // 16 beats: Vitis HLS default of m_axi max_read_burst_length (AMD UG1399)

  [[nodiscard]] uint32_t burst_bytes() const { return static_cast<uint32_t>(burst.count); }
  [[nodiscard]] uint64_t bursts() const { return size.count / burst.count; }
  template <class P>
  static void describe_in(Schema<P>& p);
};

namespace detail {
bool is_port_width(const uint32_t& bits);
bool is_burst(const Bytes& bytes);
bool is_page_aligned(const Address& address);
bool is_page_multiple(const Bytes& bytes);
}  // namespace detail

template <class P>
void PortProperties::describe_in(Schema<P>& p) {
  p("clock", &PortProperties::clock, "clock of the port");
  p("width_bits", &PortProperties::width_bits, "width of the data channels")
      .must(detail::is_port_width, "a power of two between 128 and 512");
  p("outstanding_reads", &PortProperties::outstanding_reads, "read bursts in flight").between(1, 256);
  p("outstanding_writes", &PortProperties::outstanding_writes, "write bursts in flight").between(1, 256);
  p("rate", &PortProperties::rate,
    "bytes asked for a second, reads and writes together; 0: as fast as it goes");
  p("from", &PortProperties::from, "when the first request may be made");
  p("until", &PortProperties::until, "no request from then on; for ever by default").at_least(ps(1));
  p("requests", &PortProperties::requests, "requests made in all; without limit by default").at_least(1);
  p("bytes", &PortProperties::bytes, "bytes asked for in all; without limit by default").at_least(Bytes{1});
  p("on_error", &PortProperties::on_error, "a bus error or timeout: stop ends the run, count goes on");
}

template <class P>
void RangeProperties::describe_in(Schema<P>& p) {
  p("base", &RangeProperties::base, "first address visited")
      .must(detail::is_page_aligned, "a multiple of 4 KiB");
  p("size", &RangeProperties::size, "addresses visited; then again from the first")
      .must(detail::is_page_multiple, "a multiple of 4 KiB, at least 4 KiB");
  p("burst", &RangeProperties::burst, "bytes of a request")
      .must(detail::is_burst, "a power of two between 4 B and 4 KiB");
}

}  // namespace vesper::traffic
