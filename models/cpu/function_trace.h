/// Tells observers which firmware function executes, by the names of the ELF's symbols. SystemC-free.
///
/// A function is told when a block of it begins after a block of another one: calls and returns alike. Calls
/// of one chosen function are marked besides: policy_entered at its first instruction, policy_left at the
/// instruction it returns to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/cpu/elf_image.h"
#include "platform/observe/observer.h"

namespace vesper::cpu {

class FunctionTrace {
 public:
  FunctionTrace(observe::ObserverHub& observers, const std::string& cpu_name);

  /// `policy_function`: the function, with all its overloads, whose calls are marked; empty for none.
  void load(const ElfImage& image, std::string_view policy_function);
  /// Whether anybody wants to know.
  [[nodiscard]] bool wanted() const;

  /// A block begins at `pc` at time `at`; `link()` reads the link register.
  template <class ReadLink>
  void block(uint64_t pc, observe::Time at, ReadLink&& link) {
    uint64_t word = (pc - base_) / 4;
    uint16_t function = word < function_of_word_.size() ? function_of_word_[word] : kUnknown;
    bool entered = function != current_;
    if (entered) enter(function, at);
    if (pc == policy_return_) {
      observers_.mark(observe::Mark::policy_left, 0, at);
      policy_return_ = kNowhere;
    }
    if (entered && is_policy_start(pc)) {
      observers_.mark(observe::Mark::policy_entered, 0, at);
      policy_return_ = link();
    }
  }

 private:
  static constexpr uint16_t kUnknown = 0;
  static constexpr uint64_t kNowhere = ~uint64_t{0};

  void enter(uint16_t function, observe::Time at);
  [[nodiscard]] bool is_policy_start(uint64_t pc) const {
    return std::ranges::find(policy_starts_, pc) != policy_starts_.end();
  }

  observe::ObserverHub& observers_;
  observe::Signal signal_;
  uint64_t base_ = 0;
  std::vector<uint16_t> function_of_word_;
  std::vector<std::string> names_;
  uint16_t current_ = kUnknown;
  std::vector<uint64_t> policy_starts_;
  uint64_t policy_return_ = kNowhere;
};

}  // namespace vesper::cpu
