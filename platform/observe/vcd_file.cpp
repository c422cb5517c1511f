#include "platform/observe/vcd_file.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace vesper::observe {
namespace {

/// The shortest identifiers of the printable characters, as IEEE 1364 allows them.
std::string code_of(size_t index) {
  constexpr char kFirst = '!';
  constexpr size_t kCount = '~' - '!' + 1;
  std::string code;
  do {
    code += static_cast<char>(kFirst + index % kCount);
    index /= kCount;
  } while (index-- > 0);
  return code;
}

/// The hierarchy of signals, in the order they were declared.
struct Scope {
  std::string name;
  std::vector<Scope> scopes;
  std::vector<std::pair<std::string, size_t>> signals;

  void add(std::string_view path, size_t signal) {
    size_t dot = path.find('.');
    std::string first(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      signals.emplace_back(first, signal);
      return;
    }
    auto found = std::ranges::find(scopes, first, &Scope::name);
    if (found == scopes.end()) found = scopes.insert(scopes.end(), Scope{first, {}, {}});
    found->add(path.substr(dot + 1), signal);
  }

  template <class Declare>
  void write(FileWriter& file, const Declare& declare) const {
    for (const auto& [leaf, signal] : signals) declare(leaf, signal);
    for (const Scope& scope : scopes) {
      file.print("$scope module {} $end\n", scope.name);
      scope.write(file, declare);
      file.text("$upscope $end\n");
    }
  }
};

}  // namespace

void VcdFile::declare(const WaveSignal& signal) {
  State state;
  state.path = signal.path;
  state.code = code_of(states_.size());
  state.width = signal.width;
  state.is_text = signal.is_text;
  state.names = signal.value_names;
  states_.push_back(std::move(state));
}

void VcdFile::change(uint32_t signal, uint64_t value, Time at, Time now) {
  if (belongs_to_present(at, now)) {
    states_[signal].next_value = value;
    set_pending(signal);
  } else {
    add_future(signal, value, at);
  }
}

void VcdFile::change(uint32_t signal, std::string_view text, Time at, Time now) {
  if (belongs_to_present(at, now)) {
    states_[signal].next_text = text;
    set_pending(signal);
  } else {
    add_future(signal, keep(text), at);
  }
}

void VcdFile::add_future(uint32_t signal, uint64_t value, Time at) {
  future_.push_back({at, order_++, value, signal});
  std::ranges::push_heap(future_, Later{});
}

uint64_t VcdFile::keep(std::string_view text) {
  if (free_texts_.empty()) {
    texts_.emplace_back(text);
    return texts_.size() - 1;
  }
  uint64_t place = free_texts_.back();
  free_texts_.pop_back();
  texts_[place] = text;
  return place;
}

bool VcdFile::belongs_to_present(Time at, Time now) {
  if (now > now_) advance(now);
  if (at < now_) ++late_changes_;
  return at <= now_;
}

void VcdFile::set_pending(uint32_t signal) {
  State& state = states_[signal];
  if (!state.pending) present_.push_back(signal);
  state.pending = true;
}

void VcdFile::advance(Time now) {
  pass_present();
  while (!future_.empty() && future_.front().at < now) {
    now_ = future_.front().at;
    take_future(now_);
    pass_present();
  }
  now_ = now;
  take_future(now_);
}

void VcdFile::take_future(Time at) {
  while (!future_.empty() && future_.front().at == at) {
    std::ranges::pop_heap(future_, Later{});
    apply(future_.back());
    future_.pop_back();
  }
}

void VcdFile::apply(const Change& change) {
  State& state = states_[change.signal];
  if (state.is_text) {
    std::swap(state.next_text, texts_[change.value]);
    free_texts_.push_back(change.value);
  } else {
    state.next_value = change.value;
  }
  set_pending(change.signal);
}

/// The present time is over: its changes stand.
void VcdFile::pass_present() {
  bool before = now_ < window_.from || (now_ == window_.from && !started_);
  if (!before && !started_) write_header();
  if (!before && now_ <= window_.to) return write_present();
  for (uint32_t signal : present_) take_over(states_[signal]);
  present_.clear();
  if (now_ == window_.from) write_header();
}

void VcdFile::take_over(State& state) {
  state.pending = false;
  state.known = true;
  state.value = state.next_value;
  if (state.is_text) state.text = state.next_text;
}

void VcdFile::write_present() {
  bool timed = false;
  for (uint32_t signal : present_) {
    State& state = states_[signal];
    bool same = state.is_text ? state.next_text == state.text : state.next_value == state.value;
    bool shown = state.known && same;
    take_over(state);
    if (shown) continue;
    if (!std::exchange(timed, true)) write_time(now_);
    write_value(state);
  }
  present_.clear();
}

void VcdFile::write_time(Time time) {
  file_.character('#');
  file_.number(time);
  file_.character('\n');
}

void VcdFile::write_header() {
  started_ = true;
  file_.text("$version Vesper $end\n$timescale 1 ps $end\n");
  Scope top;
  for (size_t i = 0; i < states_.size(); ++i) top.add(states_[i].path, i);
  top.write(file_, [&](const std::string& name, size_t i) {
    const State& state = states_[i];
    if (state.is_text || !state.names.empty()) {
      file_.print("$var string 1 {} {} $end\n", state.code, name);
    } else if (state.width == 1) {
      file_.print("$var wire 1 {} {} $end\n", state.code, name);
    } else {
      file_.print("$var wire {} {} {} [{}:0] $end\n", state.width, state.code, name, state.width - 1);
    }
  });
  file_.text("$enddefinitions $end\n");
  write_initial_values();
}

void VcdFile::write_initial_values() {
  write_time(window_.from);
  file_.text("$dumpvars\n");
  for (const State& state : states_) {
    if (state.known || state.is_text) {
      write_value(state);
    } else if (!state.names.empty()) {
      file_.print("s {}\n", state.code);
    } else {
      file_.print("{}{}\n", state.width == 1 ? "x" : "bx ", state.code);
    }
  }
  file_.text("$end\n");
}

void VcdFile::write_value(const State& state) {
  if (state.is_text) {
    file_.character('s');
    write_text(state.text);
    file_.character(' ');
  } else if (!state.names.empty()) {
    file_.character('s');
    write_text(state.value < state.names.size() ? state.names[state.value] : std::to_string(state.value));
    file_.character(' ');
  } else if (state.width == 1) {
    file_.character(static_cast<char>('0' + (state.value & 1)));
  } else {
    write_number(state.value);
  }
  file_.text(state.code);
  file_.character('\n');
}

void VcdFile::write_number(uint64_t value) {
  char digits[66];
  char* out = digits;
  *out++ = 'b';
  for (int i = std::max(static_cast<int>(std::bit_width(value)), 1) - 1; i >= 0; --i) {
    *out++ = static_cast<char>('0' + ((value >> i) & 1));
  }
  *out++ = ' ';
  file_.text({digits, static_cast<size_t>(out - digits)});
}

void VcdFile::write_text(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '\\') {
      file_.character(c);
    } else {
      file_.text("\\x");
      file_.character(kHex[byte >> 4]);
      file_.character(kHex[byte & 0xF]);
    }
  }
}

void VcdFile::finish(Time end) {
  if (end > now_) advance(end);
  pass_present();
  if (!started_) write_header();
  write_time(std::min(std::max(end, window_.from), window_.to));
  file_.close();
}

}  // namespace vesper::observe
