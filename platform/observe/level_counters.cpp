#include "platform/observe/level_counters.h"

#include <algorithm>

namespace vesper::observe {

bool LevelCounters::declared(uint32_t id, const SignalInfo& info) {
  const bool is_busy = info.group == "noc" || info.group == "ddr";
  const bool is_link = info.group == "noc" && info.width == 1 && !info.is_text;
  if (!info.is_level && !is_link) return false;
  if (process_ == 0) process_ = events_.add_process("levels");
  if (id >= states_.size()) states_.resize(id + size_t{1});
  State& state = states_[id];
  state.kind = is_link ? Kind::link : is_busy ? Kind::most : Kind::exact;
  state.name = json_string(info.path);
  if (is_link) state.group = &groups_[info.path.substr(0, info.path.rfind('.'))];
  return true;
}

void LevelCounters::changed(uint32_t id, uint64_t value, Time at) {
  State& state = states_[id];
  at = std::max(at, state.since);
  if (state.kind == Kind::link) {
    link_changed(state, value, at);
  } else if (state.kind == Kind::exact) {
    sample(state.name, at, value);
  } else {
    level_changed(state, value, at);
  }
  state.value = value;
  state.since = at;
}

void LevelCounters::sample(const std::string& name, Time at, uint64_t value) {
  events_.counter(process_, name, at, fmt::format("\"value\":{}", value));
}

void LevelCounters::link_changed(State& state, uint64_t value, Time at) {
  if (value != 0 && !state.used) ++state.group->links;
  state.used = state.used || value != 0;
  if (state.value != 0) add_busy(*state.group, state.since, at);
}

void LevelCounters::add_busy(LinkGroup& group, Time from, Time to) const {
  while (from < to) {
    const uint64_t window = from / window_;
    const Time until = std::min(to, (window + 1) * window_);
    group.busy[window] += until - from;
    from = until;
  }
}

void LevelCounters::level_changed(State& state, uint64_t value, Time at) {
  if (const uint64_t window = at / window_; window != state.window) {
    close_window(state);
    if (window > state.window + 1) {  // the windows between, where nothing changed
      state.window += 1;
      state.most = state.value;
      close_window(state);
    }
    state.window = window;
    state.most = state.value;
  }
  state.most = std::max(state.most, value);
}

void LevelCounters::close_window(State& state) {
  if (state.used && state.most == state.shown) return;
  sample(state.name, state.window * window_, state.most);
  state.used = true;
  state.shown = state.most;
}

void LevelCounters::finish(Time end) {
  for (State& state : states_) {
    if (state.kind == Kind::most) close_window(state);
    if (state.kind == Kind::link && state.value != 0) add_busy(*state.group, state.since, end);
  }
  for (const auto& [name, group] : groups_) write(name, group, end);
}

void LevelCounters::write(const std::string& name, const LinkGroup& group, Time end) {
  if (group.links == 0) return;
  const std::string counter = json_string(name + " busy %");
  const auto show = [&](uint64_t window, Time busy) {
    const double all = static_cast<double>(window_) * static_cast<double>(group.links);
    events_.counter(process_, counter, window * window_,
                    fmt::format("\"busy\":{:.4f}", 100 * static_cast<double>(busy) / all));
  };
  uint64_t next = 0;
  for (const auto& [window, busy] : group.busy) {
    if (window != next) show(next, 0);
    show(window, busy);
    next = window + 1;
  }
  if (next * window_ < end) show(next, 0);
}

}  // namespace vesper::observe
