#include "platform/observe/traffic_tracks.h"

#include <algorithm>

namespace vesper::observe {
namespace {

/// Transfers of one job that follow sooner are one slice. A choice of display.
constexpr Time kGap = 1'000'000;

/// Of `bytes` from `start` to `end`, those moved until `time`.
uint64_t moved(const Transfer& transfer, Time time) {
  if (time >= transfer.end) return transfer.bytes;
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>(Wide{transfer.bytes} * (time - transfer.start) /
                               (transfer.end - transfer.start));
}

}  // namespace

TrafficTracks::TrafficTracks(TraceEvents& events, const RunInfo& run, const std::vector<std::string>& ports,
                             Time window)
    : events_(events), names_(requester_names(run)), ports_(ports), window_(window) {}

TrafficTracks::Channel& TrafficTracks::channel_of(uint16_t port) {
  if (port >= by_port_.size()) by_port_.resize(port + size_t{1});
  if (by_port_[port] == nullptr) {
    const std::string name = name_at(ports_, port, "port");
    const size_t shared = name.find(".port.");
    Channel& channel = channels_[name.substr(0, shared)];
    channel.name = name.substr(0, shared);
    channel.shared = shared != std::string::npos;
    by_port_[port] = &channel;
  }
  return *by_port_[port];
}

TrafficTracks::Lane& TrafficTracks::lane_of(Channel& channel, uint16_t task) {
  const uint16_t key = channel.shared ? task : uint16_t{0};
  auto found = channel.lanes.find(key);
  if (found != channel.lanes.end()) return found->second;
  if (process_ == 0) process_ = events_.add_process("memory traffic");
  std::string name = channel.name;
  if (channel.shared) name += " for " + name_at(names_, task, "task");
  return channel.lanes[key] = {events_.add_thread(process_, name), {}, 0};
}

void TrafficTracks::transferred(const Transfer& event) {
  Channel& channel = channel_of(event.port);
  count(channel, event);
  Lane& lane = lane_of(channel, event.job.task);
  Activity& now = lane.activity;
  if (now.bytes > 0 && now.job == event.job && event.start <= now.end + kGap) {
    now.start = std::min(now.start, event.start);
    now.end = std::max(now.end, event.end);
    now.bytes += event.bytes;
    return;
  }
  now.end = std::min(now.end, std::max(event.start, now.start));
  write(lane);
  now = {event.job, event.start, event.end, event.bytes};
}

void TrafficTracks::write(Lane& lane) {
  const Activity& done = lane.activity;
  if (done.bytes == 0) return;
  const Time start = std::max(done.start, lane.written_until);
  const Time end = std::max(done.end, start);
  lane.written_until = end;
  std::string name = fmt::format("{} {}", name_at(names_, done.job.task, "task"), done.job.job);
  events_.slice(lane.track, json_string(name), start, end, fmt::format("\"bytes\":{}", done.bytes));
}

void TrafficTracks::count(Channel& channel, const Transfer& event) const {
  uint64_t window = event.start / window_;
  uint64_t before = 0;
  for (;; ++window) {
    const uint64_t until = moved(event, (window + 1) * window_);
    if (until > before) channel.windows[window][event.write ? 1 : 0] += until - before;
    before = until;
    if ((window + 1) * window_ >= event.end) return;
  }
}

void TrafficTracks::finish(Time end) {
  for (auto& [name, channel] : channels_) {
    for (auto& [task, lane] : channel.lanes) write(lane);
    write_counter(channel, end);
  }
}

void TrafficTracks::write_counter(const Channel& channel, Time end) {
  const std::string name = json_string(channel.name + " GB/s");
  const auto sample = [&](Time at, const std::array<uint64_t, 2>& bytes) {
    const auto rate = [&](uint64_t count) {
      return static_cast<double>(count) * 1e3 / static_cast<double>(window_);
    };
    events_.counter(process_, name, at,
                    fmt::format("\"read\":{:.6f},\"written\":{:.6f}", rate(bytes[0]), rate(bytes[1])));
  };
  uint64_t next = 0;
  for (const auto& [window, bytes] : channel.windows) {
    if (window != next) sample(next * window_, {});
    sample(window * window_, bytes);
    next = window + 1;
  }
  if (next * window_ < end) sample(next * window_, {});
}

}  // namespace vesper::observe
