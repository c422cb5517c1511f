/// Bit errors of the DRAM and what SECDED makes of them. SystemC-free.
///
/// Models      words of 64 data bits, each with 8 check bits when the controller has ECC on (SECDED 64+8: AMD
///             PG313, ECC: an additional byte; one wrong bit is corrected, two are detected). Two sources:
///             listed faults, weak cells that read wrong from one time to another whatever is written there;
///             and random ones that strike single reads and leave the memory right, at a mean rate.
/// Random      errors are a Poisson process over the words read, in order of their completion, each kind a
///             stream of its own from the run's seed: the same reads meet the same errors.
/// Together    bits of one word add up: two single errors in it are a double one, a bit wrong twice is wrong.
/// Leaves out  that a read answered from a held write does not reach the DRAM; errors in the check bits;
///             three and more wrong bits, which SECDED may take for one: they count as uncorrectable;
///             scrubbing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "platform/property/random.h"
#include "platform/property/schema.h"

namespace vesper::ddr {

constexpr uint64_t kEccWordBytes = 8;

/// The lowest `bits` bits of the byte at `address` read inverted.
struct Fault {
  Address address;
  uint32_t bits = 1;
  Duration from{0};
  std::optional<Duration> until = {};
  static void describe(Schema<Fault>& p);
};

/// Random errors in 10^9 bursts read.
struct ErrorRates {
  Ratio single{0};
  Ratio twofold{0};
  static void describe(Schema<ErrorRates>& p);
  [[nodiscard]] bool any() const { return single.millionths != 0 || twofold.millionths != 0; }
};

struct WrongWord {
  uint64_t address = 0;  ///< a multiple of 8
  uint64_t bits = 0;     ///< which of its 64 are wrong
  [[nodiscard]] bool correctable() const { return (bits & (bits - 1)) == 0; }
};

class Faults {
 public:
  /// `faults` at addresses of the memory, `burst_bytes` a burst of the DRAM.
  Faults(std::vector<Fault> faults, const ErrorRates& rates, uint64_t seed, uint32_t burst_bytes);

  /// The wrong words of a read at `time`, in order of address; valid until the next call. Constant time while
  /// none of the faults is near.
  std::span<const WrongWord> read(uint64_t address, uint32_t bytes, uint64_t time);

 private:
  /// Errors of a number of bits that strike words as they are read.
  struct Stream {
    Stream(Ratio per_billion_bursts, uint64_t words_a_burst, uint32_t bits, uint64_t seed);
    /// Words up to the next error, which counts from the last one.
    void advance();
    [[nodiscard]] uint64_t draw_bits();

    uint64_t mean = 0;  ///< words from one error to the next; 0: none ever
    uint32_t bits = 1;
    SplitMix64 random;
    uint64_t next = UINT64_MAX;  ///< the word struck next, counted over the run
  };

  void add(uint64_t word, uint64_t bits);
  void add_listed(uint64_t first, uint64_t end, uint64_t time);
  void add_random(Stream& stream, uint64_t first, uint64_t words);

  std::vector<Fault> faults_;  ///< by address
  Stream single_, twofold_;
  uint64_t words_read_ = 0;
  std::vector<WrongWord> wrong_;
};

}  // namespace vesper::ddr
