#include "platform/observe/vcd_writer.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <map>
#include <stdexcept>

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

std::string sanitised(const std::string& path) {
  std::string out;
  for (char c : path) {
    bool allowed = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
    if (c == '.' && (out.empty() || out.back() == '.')) out += '_';
    out += allowed || c == '.' ? c : '_';
  }
  if (out.empty() || out.back() == '.') out += '_';
  return out;
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

VcdWriter::VcdWriter(const std::filesystem::path& path, VcdSelection selection, Now now)
    : selection_(std::move(selection)), clock_(std::move(now)), file_(path) {}

bool VcdWriter::signal_declared(uint32_t id, const SignalInfo& info) {
  if (!selection_.wants(info)) return false;
  if (started_) throw std::logic_error("signal '" + info.path + "' declared after simulated time moved");
  if (id >= slots_.size()) slots_.resize(id + size_t{1});
  slots_[id] = static_cast<uint32_t>(states_.size());
  State state;
  state.code = code_of(states_.size());
  state.width = info.width;
  state.is_text = info.is_text;
  states_.push_back(std::move(state));
  signals_.push_back({unique_path(info.path), info.group, info.width, info.is_text});
  return true;
}

std::string VcdWriter::unique_path(const std::string& path) {
  std::string base = sanitised(path);
  std::string candidate = base;
  auto taken = [&] {
    return std::ranges::any_of(signals_, [&](const WaveSignal& s) { return s.path == candidate; });
  };
  for (unsigned number = 2; taken(); ++number) candidate = fmt::format("{}_{}", base, number);
  return candidate;
}

void VcdWriter::signal_changed(uint32_t id, uint64_t value, Time at) {
  uint32_t slot = slot_of(id);
  if (belongs_to_present(at)) {
    states_[slot].next_value = value;
    set_pending(slot);
  } else {
    add_future(slot, value, at);
  }
}

void VcdWriter::signal_changed(uint32_t id, std::string_view text, Time at) {
  uint32_t slot = slot_of(id);
  if (belongs_to_present(at)) {
    states_[slot].next_text = text;
    set_pending(slot);
  } else {
    add_future(slot, keep(text), at);
  }
}

void VcdWriter::add_future(uint32_t slot, uint64_t value, Time at) {
  future_.push_back({at, order_++, value, slot});
  std::ranges::push_heap(future_, Later{});
}

uint64_t VcdWriter::keep(std::string_view text) {
  if (free_texts_.empty()) {
    texts_.emplace_back(text);
    return texts_.size() - 1;
  }
  uint64_t place = free_texts_.back();
  free_texts_.pop_back();
  texts_[place] = text;
  return place;
}

bool VcdWriter::belongs_to_present(Time at) {
  Time now = clock_();
  if (now > now_) advance(now);
  if (at < now_) ++late_changes_;
  return at <= now_;
}

void VcdWriter::set_pending(uint32_t slot) {
  State& state = states_[slot];
  if (!state.pending) present_.push_back(slot);
  state.pending = true;
}

void VcdWriter::advance(Time now) {
  write_present();
  while (!future_.empty() && future_.front().at < now) {
    now_ = future_.front().at;
    take_future(now_);
    write_present();
  }
  now_ = now;
  take_future(now_);
}

void VcdWriter::take_future(Time at) {
  while (!future_.empty() && future_.front().at == at) {
    std::ranges::pop_heap(future_, Later{});
    apply(future_.back());
    future_.pop_back();
  }
}

void VcdWriter::apply(const Change& change) {
  State& state = states_[change.slot];
  if (state.is_text) {
    std::swap(state.next_text, texts_[change.value]);
    free_texts_.push_back(change.value);
  } else {
    state.next_value = change.value;
  }
  set_pending(change.slot);
}

void VcdWriter::write_present() {
  if (!started_) write_header();
  bool timed = false;
  for (uint32_t slot : present_) {
    State& state = states_[slot];
    state.pending = false;
    bool same = state.is_text ? state.next_text == state.text : state.next_value == state.value;
    if (state.known && same) continue;
    if (!timed) {
      file_.character('#');
      file_.number(now_);
      file_.character('\n');
      timed = true;
    }
    write_change(state);
  }
  present_.clear();
}

void VcdWriter::write_header() {
  started_ = true;
  file_.text("$version Vesper $end\n$timescale 1 ps $end\n");
  Scope top;
  for (size_t i = 0; i < signals_.size(); ++i) top.add(signals_[i].path, i);
  top.write(file_, [&](const std::string& name, size_t i) {
    const State& state = states_[i];
    if (state.is_text) {
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

void VcdWriter::write_initial_values() {
  file_.text("#0\n$dumpvars\n");
  for (State& state : states_) {
    if (state.pending && now_ == 0) {
      write_change(state);
    } else if (state.is_text) {
      write_value(state);
    } else {
      file_.print("{}{}\n", state.width == 1 ? "x" : "bx ", state.code);
    }
  }
  file_.text("$end\n");
}

void VcdWriter::write_change(State& state) {
  state.known = true;
  state.value = state.next_value;
  if (state.is_text) state.text = state.next_text;
  write_value(state);
}

void VcdWriter::write_value(const State& state) {
  if (state.is_text) {
    file_.character('s');
    write_text(state.text);
    file_.character(' ');
  } else if (state.width == 1) {
    file_.character(static_cast<char>('0' + (state.value & 1)));
  } else {
    char digits[66];
    char* out = digits;
    *out++ = 'b';
    for (int i = std::max(static_cast<int>(std::bit_width(state.value)), 1) - 1; i >= 0; --i) {
      *out++ = static_cast<char>('0' + ((state.value >> i) & 1));
    }
    *out++ = ' ';
    file_.text({digits, static_cast<size_t>(out - digits)});
  }
  file_.text(state.code);
  file_.character('\n');
}

void VcdWriter::write_text(std::string_view text) {
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '\\') {
      file_.character(c);
    } else {
      file_.print("\\x{:02X}", byte);
    }
  }
}

void VcdWriter::finish(Time end) {
  if (end > now_) advance(end);
  write_present();
  file_.print("#{}\n", end);
  file_.close();
}

}  // namespace vesper::observe
