#include "models/ddr/faults.h"

#include <algorithm>
#include <limits>

namespace vesper::ddr {

void Fault::describe(Schema<Fault>& p) {
  p("address", &Fault::address, "address of the byte that reads wrong, as requests carry it").required();
  p("bits", &Fault::bits, "its lowest bits that read inverted: 1 is corrected, 2 are not").between(1, 2);
  p("from", &Fault::from, "reads from then on are wrong");
  p("until", &Fault::until, "reads from then on are right again; never by default");
}

void ErrorRates::describe(Schema<ErrorRates>& p) {
  constexpr Ratio kMost = ratio(1'000'000'000);
  p("single", &ErrorRates::single, "words with one wrong bit in 10^9 bursts read").between(ratio(0), kMost);
  p("double", &ErrorRates::twofold, "words with two wrong bits in 10^9 bursts read").between(ratio(0), kMost);
}

Faults::Stream::Stream(Ratio per_billion_bursts, uint64_t words_a_burst, uint32_t error_bits, uint64_t seed)
    : bits(error_bits), random(seed) {
  constexpr uint64_t kMillionthsOfABillion = 1'000'000'000'000'000;
  if (per_billion_bursts.millionths == 0) return;
  const uint64_t words = kMillionthsOfABillion * words_a_burst;
  mean = (words + per_billion_bursts.millionths / 2) / per_billion_bursts.millionths;
  next = 0;
  advance();
}

void Faults::Stream::advance() {
  const uint64_t gap = random.exponential(mean);
  next =
      gap > std::numeric_limits<uint64_t>::max() - next ? std::numeric_limits<uint64_t>::max() : next + gap;
}

uint64_t Faults::Stream::draw_bits() {
  const uint64_t first = random.up_to(63);
  if (bits == 1) return uint64_t{1} << first;
  const uint64_t distance = 1 + random.up_to(62);
  return uint64_t{1} << first | uint64_t{1} << ((first + distance) % 64);
}

Faults::Faults(std::vector<Fault> faults, const ErrorRates& rates, uint64_t seed, uint32_t burst_bytes)
    : faults_(std::move(faults)),
      single_(rates.single, burst_bytes / kEccWordBytes, 1, stream_seed(seed, 0)),
      twofold_(rates.twofold, burst_bytes / kEccWordBytes, 2, stream_seed(seed, 1)) {
  std::ranges::stable_sort(faults_, {}, [](const Fault& fault) { return fault.address.value; });
}

std::span<const WrongWord> Faults::read(uint64_t address, uint32_t bytes, uint64_t time) {
  wrong_.clear();
  const uint64_t first = address / kEccWordBytes;
  const uint64_t words = (address + std::max(bytes, 1U) - 1) / kEccWordBytes - first + 1;
  if (!faults_.empty()) add_listed(first, first + words, time);
  add_random(single_, first, words);
  add_random(twofold_, first, words);
  words_read_ += words;
  std::ranges::sort(wrong_, {}, &WrongWord::address);
  return wrong_;
}

void Faults::add(uint64_t word, uint64_t bits) {
  const uint64_t address = word * kEccWordBytes;
  auto known = std::ranges::find(wrong_, address, &WrongWord::address);
  if (known == wrong_.end()) known = wrong_.insert(known, {address, 0});
  known->bits |= bits;
}

void Faults::add_listed(uint64_t first, uint64_t end, uint64_t time) {
  auto word_of = [](const Fault& fault) { return fault.address.value / kEccWordBytes; };
  auto fault = std::ranges::lower_bound(faults_, first, {}, word_of);
  for (; fault != faults_.end() && word_of(*fault) < end; ++fault) {
    if (time < fault->from.ps || (fault->until && time >= fault->until->ps)) continue;
    const uint64_t mask = (uint64_t{1} << fault->bits) - 1;
    add(word_of(*fault), mask << (fault->address.value % kEccWordBytes * 8));
  }
}

void Faults::add_random(Stream& stream, uint64_t first, uint64_t words) {
  while (stream.next < words_read_ + words) {
    add(first + (stream.next - words_read_), stream.draw_bits());
    stream.advance();
  }
}

}  // namespace vesper::ddr
