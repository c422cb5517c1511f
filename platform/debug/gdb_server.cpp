#include "platform/debug/gdb_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "platform/debug/connection.h"
#include "platform/debug/packet.h"
#include "platform/debug/target_description.h"

namespace vesper::debug {
namespace {

using cpu::DebugTarget;
using cpu::HaltEvent;
using cpu::HaltReason;

constexpr std::chrono::milliseconds kPatience{100};  // until it is looked whether the run is to end
constexpr size_t kPacketSize = 0x4000;
constexpr size_t kMostMemory = (kPacketSize - 4) / 2;

constexpr const char* kOk = "OK";
constexpr const char* kNotUnderstood = "";
constexpr const char* kBadPacket = "E01";
constexpr const char* kNoMemory = "E0e";  // EFAULT
constexpr const char* kNoRegister = "E02";

std::string register_text(DebugTarget& cpu, unsigned number) {
  std::array<std::byte, 16> value{};
  const auto bytes = std::span(value).first(cpu::debug_registers()[number].bits / 8);
  return cpu.read_register(number, bytes) ? to_hex(bytes) : std::string(2 * bytes.size(), 'x');
}

std::string stop_reply(const HaltEvent& event) {
  constexpr const char* kWatches[] = {"watch", "rwatch", "awatch"};
  switch (event.reason) {
    case HaltReason::asked:
      return "T02thread:1;";  // SIGINT
    case HaltReason::failure:
      return "T06thread:1;";  // SIGABRT
    case HaltReason::watchpoint:
      return fmt::format("T05{}:{:x};thread:1;", kWatches[static_cast<size_t>(event.watchpoint.kind)],
                         event.address);
    default:
      return "T05thread:1;";  // SIGTRAP
  }
}

}  // namespace

/// What is said between GDB and the simulation.
class GdbServer::Session {
 public:
  explicit Session(GdbOptions options) : options_(std::move(options)), connection_(options_.port) {}

  [[nodiscard]] uint16_t port() const { return connection_.port(); }

  bool await() {
    while (!connection_.open()) {
      connection_.wait(kPatience);
      if (interrupted()) return false;
    }
    attached_ = true;
    return true;
  }

  bool halted(DebugTarget& cpu, const HaltEvent& event) {
    if (!attached_) return !killed_;
    cpu_ = &cpu;
    event_ = event;
    if (!event.text.empty()) reply("O" + to_hex(std::string(event.text) + "\n"));
    if (told_) reply(stop_reply(event));
    told_ = true;
    for (going_on_ = false; !going_on_ && attached_;) {
      serve();
      if (going_on_) break;
      if (interrupted()) return false;
      connection_.wait(kPatience);
      look_whether_it_left();
    }
    cpu_ = nullptr;
    return !killed_;
  }

  bool asked_to_halt() {
    if (!attached_) return false;
    connection_.wait(std::chrono::milliseconds(0));
    look_whether_it_left();
    reader_.add(connection_.received());
    bool asked = false;
    while (attached_) {
      std::optional<PacketReader::Item> item = reader_.next();
      if (!item) break;
      asked = asked || item->kind == PacketReader::Kind::interrupt;
    }
    return asked;
  }

  [[nodiscard]] bool killed() const { return killed_; }

  void ended(int status) {
    if (attached_) reply(fmt::format("W{:02x}", status & 0xFF));
    // GDB closes the connection once it has read this.
    for (int patience = 0; attached_ && connection_.open() && patience < 20; ++patience) {
      connection_.wait(kPatience);
    }
    connection_.close();
    attached_ = false;
  }

 private:
  [[nodiscard]] bool interrupted() const { return options_.interrupted && options_.interrupted(); }

  void look_whether_it_left() {
    if (connection_.open() || !attached_) return;
    attached_ = false;
    if (options_.tell) options_.tell("the debugger is gone; the run goes on without it");
  }

  void reply(const std::string& data) { connection_.send(packet_of(data)); }

  /// Answers what has arrived, up to a command that lets the CPU go on.
  void serve() {
    reader_.add(connection_.received());
    while (!going_on_) {
      std::optional<PacketReader::Item> item = reader_.next();
      if (!item) return;
      if (item->kind == PacketReader::Kind::damaged) {
        connection_.send("-");
      } else if (item->kind == PacketReader::Kind::packet) {
        if (acknowledges_) connection_.send("+");
        if (std::optional<std::string> answer = answer_to(item->data)) reply(*answer);
      }
    }
  }

  std::optional<std::string> answer_to(std::string_view packet) {
    struct Command {
      std::string_view prefix;
      std::optional<std::string> (Session::*answer)(std::string_view rest);
    };
    static constexpr Command kCommands[] = {
        {"qSupported", &Session::supported},
        {"QStartNoAckMode", &Session::stop_acknowledging},
        {"qXfer:features:read:target.xml:", &Session::description},
        {"qRcmd,", &Session::monitor},
        {"qAttached", &Session::one},
        {"qC", &Session::current_thread},
        {"qfThreadInfo", &Session::threads},
        {"qsThreadInfo", &Session::no_more_threads},
        {"vCont?", &Session::actions},
        {"vCont;", &Session::act},
        {"vKill", &Session::kill_with_answer},
        {"?", &Session::reason},
        {"g", &Session::read_registers},
        {"G", &Session::write_registers},
        {"p", &Session::read_register},
        {"P", &Session::write_register},
        {"m", &Session::read_memory},
        {"M", &Session::write_memory},
        {"Z", &Session::set_point},
        {"z", &Session::clear_point},
        {"c", &Session::go_on},
        {"s", &Session::step},
        {"D", &Session::detach},
        {"k", &Session::kill},
        {"H", &Session::ok},
        {"T", &Session::ok},
    };
    for (const Command& command : kCommands) {
      if (packet.starts_with(command.prefix)) {
        return (this->*command.answer)(packet.substr(command.prefix.size()));
      }
    }
    return kNotUnderstood;
  }

  std::optional<std::string> ok(std::string_view) { return kOk; }
  std::optional<std::string> one(std::string_view) { return "1"; }
  std::optional<std::string> current_thread(std::string_view) { return "QC1"; }
  std::optional<std::string> threads(std::string_view) { return "m1"; }
  std::optional<std::string> no_more_threads(std::string_view) { return "l"; }
  std::optional<std::string> reason(std::string_view) { return stop_reply(event_); }
  std::optional<std::string> actions(std::string_view) { return "vCont;c;C;s;S;r"; }

  std::optional<std::string> supported(std::string_view) {
    return fmt::format(
        "PacketSize={:x};QStartNoAckMode+;qXfer:features:read+;vContSupported+;hwbreak-;swbreak-",
        kPacketSize);
  }

  std::optional<std::string> stop_acknowledging(std::string_view) {
    acknowledges_ = false;
    return kOk;
  }

  /// `offset,length`: `m` and a piece of the description, `l` and its last one.
  std::optional<std::string> description(std::string_view range) {
    static const std::string text = target_description();
    const std::optional<uint64_t> offset = take_number(range);
    const bool comma = take(range, ',');
    const std::optional<uint64_t> length = take_number(range);
    if (!offset || !comma || !length) return kBadPacket;
    if (*offset >= text.size()) return "l";
    const std::string piece = text.substr(*offset, std::min<uint64_t>(*length, kPacketSize / 2));
    return (*offset + piece.size() < text.size() ? "m" : "l") + piece;
  }

  std::optional<std::string> monitor(std::string_view hex) {
    const auto bytes = from_hex(hex);
    if (!bytes) return kBadPacket;
    std::string name;
    for (std::byte byte : *bytes) name += static_cast<char>(byte);
    auto found = options_.monitor.find(name);
    if (found != options_.monitor.end()) return to_hex(found->second() + "\n");
    std::string known;
    for (const auto& [other, answer] : options_.monitor) known += " " + other;
    return to_hex("monitor commands:" + known + "\n");
  }

  std::optional<std::string> read_registers(std::string_view) {
    std::string all;
    for (unsigned i = 0; i < cpu::debug_registers().size(); ++i) all += register_text(*cpu_, i);
    return all;
  }

  std::optional<std::string> write_registers(std::string_view digits) {
    const auto bytes = from_hex(digits);
    if (!bytes) return kBadPacket;
    std::span<const std::byte> rest = *bytes;
    for (unsigned i = 0; i < cpu::debug_registers().size(); ++i) {
      const size_t size = cpu::debug_registers()[i].bits / 8;
      if (rest.size() < size) break;
      cpu_->write_register(i, rest.first(size));
      rest = rest.subspan(size);
    }
    return kOk;
  }

  std::optional<std::string> read_register(std::string_view text) {
    const std::optional<uint64_t> number = take_number(text);
    if (!number || *number >= cpu::debug_registers().size()) return kNoRegister;
    return register_text(*cpu_, static_cast<unsigned>(*number));
  }

  std::optional<std::string> write_register(std::string_view text) {
    const std::optional<uint64_t> number = take_number(text);
    if (!number || !take(text, '=') || *number >= cpu::debug_registers().size()) return kNoRegister;
    const auto value = from_hex(text);
    if (!value || value->size() != cpu::debug_registers()[*number].bits / 8) return kBadPacket;
    return cpu_->write_register(static_cast<unsigned>(*number), *value) ? kOk : kNoRegister;
  }

  std::optional<std::string> read_memory(std::string_view range) {
    const std::optional<uint64_t> address = take_number(range);
    const bool comma = take(range, ',');
    const std::optional<uint64_t> length = take_number(range);
    if (!address || !comma || !length) return kBadPacket;
    std::vector<std::byte> bytes(std::min<uint64_t>(*length, kMostMemory));
    return cpu_->read_memory(*address, bytes) ? to_hex(bytes) : kNoMemory;
  }

  std::optional<std::string> write_memory(std::string_view text) {
    const std::optional<uint64_t> address = take_number(text);
    const bool comma = take(text, ',');
    const std::optional<uint64_t> length = take_number(text);
    if (!address || !comma || !length || !take(text, ':')) return kBadPacket;
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != *length) return kBadPacket;
    return cpu_->write_memory(*address, *bytes) ? kOk : kNoMemory;
  }

  std::optional<std::string> set_point(std::string_view text) { return change_point(text, true); }
  std::optional<std::string> clear_point(std::string_view text) { return change_point(text, false); }

  /// `type,address,length`: 0 and 1 are breakpoints, 2 to 4 watchpoints.
  std::optional<std::string> change_point(std::string_view text, bool set) {
    constexpr uint64_t kFirstWatch = 2, kLastWatch = 4;
    const std::optional<uint64_t> type = take_number(text);
    take(text, ',');
    const std::optional<uint64_t> address = take_number(text);
    take(text, ',');
    const std::optional<uint64_t> length = take_number(text);
    if (!type || !address || !length) return kBadPacket;
    if (*type > kLastWatch) return kNotUnderstood;
    if (*type < kFirstWatch) {
      cpu_->set_breakpoint(*address, set);
    } else {
      cpu_->set_watchpoint({*address, *length, static_cast<cpu::Watch>(*type - kFirstWatch)}, set);
    }
    return kOk;
  }

  std::optional<std::string> go_on(std::string_view) {
    going_on_ = true;
    return std::nullopt;
  }

  std::optional<std::string> step(std::string_view) {
    cpu_->step(0, 0);
    return go_on({});
  }

  /// `r` steps while within a range; actions after the first are for other threads, of which there are none.
  std::optional<std::string> act(std::string_view text) {
    if (take(text, 'c') || take(text, 'C')) return go_on({});
    if (take(text, 's') || take(text, 'S')) return step({});
    if (!take(text, 'r')) return kBadPacket;
    const std::optional<uint64_t> begin = take_number(text);
    const bool comma = take(text, ',');
    const std::optional<uint64_t> end = take_number(text);
    if (!begin || !comma || !end) return kBadPacket;
    cpu_->step(*begin, *end);
    return go_on({});
  }

  std::optional<std::string> detach(std::string_view) {
    reply(kOk);
    attached_ = false;
    connection_.close();
    return std::nullopt;
  }

  std::optional<std::string> kill(std::string_view) {
    killed_ = true;
    attached_ = false;
    connection_.close();
    return std::nullopt;
  }

  std::optional<std::string> kill_with_answer(std::string_view) {
    reply(kOk);
    return kill({});
  }

  GdbOptions options_;
  Connection connection_;
  PacketReader reader_;
  DebugTarget* cpu_ = nullptr;
  HaltEvent event_;
  bool attached_ = false;
  bool acknowledges_ = true;
  bool told_ = false;
  bool going_on_ = false;
  bool killed_ = false;
};

GdbServer::GdbServer(GdbOptions options) : session_(std::make_unique<Session>(std::move(options))) {}
GdbServer::~GdbServer() = default;

uint16_t GdbServer::port() const { return session_->port(); }
bool GdbServer::await() { return session_->await(); }
bool GdbServer::halted(DebugTarget& cpu, const HaltEvent& event) { return session_->halted(cpu, event); }
bool GdbServer::asked_to_halt() { return session_->asked_to_halt(); }
bool GdbServer::killed() const { return session_->killed(); }
void GdbServer::ended(int status) { session_->ended(status); }

}  // namespace vesper::debug
