#include "platform/observe/bandwidth_log.h"

#include "platform/observe/file_writer.h"

namespace vesper::observe {
namespace {

uint64_t moved_until(const Transfer& transfer, Time time) {
  using Wide = unsigned __int128;
  Time duration = transfer.end - transfer.start;
  return static_cast<uint64_t>(Wide{transfer.bytes} * (time - transfer.start) / duration);
}

}  // namespace

BandwidthLog::BandwidthLog(const RunInfo& run, Time window)
    : requesters_(requester_names(run)), window_(window) {}

void BandwidthLog::transfer(const Transfer& event) {
  uint64_t index = event.start / window_;
  uint64_t moved = 0;
  for (Time boundary = (index + 1) * window_; boundary < event.end; boundary += window_) {
    uint64_t until = moved_until(event, boundary);
    add(index++, event, until - moved);
    moved = until;
  }
  add(index, event, event.bytes - moved);
}

void BandwidthLog::add(uint64_t window, const Transfer& event, uint64_t bytes) {
  if (bytes == 0) return;
  if (recent_ == windows_.end() || recent_->first != window) recent_ = windows_.try_emplace(window).first;
  Ports& ports = recent_->second;
  if (event.port >= ports.size()) ports.resize(event.port + size_t{1});
  Requesters& requesters = ports[event.port];
  if (event.job.task >= requesters.size()) requesters.resize(event.job.task + size_t{1});
  Bytes& cell = requesters[event.job.task];
  (event.write ? cell.written : cell.read) += bytes;
}

void BandwidthLog::write(const std::filesystem::path& path, const std::vector<std::string>& ports) const {
  CsvNames tasks(requesters_, "task");
  CsvNames port_names(ports, "port");
  CsvWriter table(path, "window_s,port,task,read_bytes,write_bytes");
  for (const auto& [window, by_port] : windows_) {
    for (size_t port = 0; port < by_port.size(); ++port) {
      for (size_t task = 0; task < by_port[port].size(); ++task) {
        const Bytes& bytes = by_port[port][task];
        if (bytes.read == 0 && bytes.written == 0) continue;
        table.seconds(window * window_).text(port_names[port]).text(tasks[task]);
        table.number(bytes.read).number(bytes.written).end_row();
      }
    }
  }
  table.close();
}

}  // namespace vesper::observe
