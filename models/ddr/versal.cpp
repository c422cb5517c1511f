/// `versal`: a DDRMC-like controller: NSU ports with QoS, one read reorder buffer, first-ready order by age.
///
/// Models      after AMD PG313 and UG1273 (DDRMC): up to 4 NSU ports, arbitrated by QoS class, then least
///             recently granted, a 256 B NoC packet at a time; a read reorder buffer of `read_queue` = 32
///             bursts, whose entry a read holds from its acceptance until its data have left in the port's
///             order; posted writes in a queue of `write_queue` = 32 bursts; one burst accepted per
///             controller clock, which is half the DRAM clock. Command order: the oldest read (or write,
///             while the bus is turned to writes) that hits an open row and is ready, else the oldest
///             activate or precharge that is; a row is given up after `row_hit_cap` hits if the bank's oldest
///             entry waits for another. The bus turns to writes at `write_high` queued ones until
///             `write_low`, or when no read is queued and `write_low` is reached, or when no read is under
///             way at all. While reads and writes wait, it stays with either for up to `write_high` bursts a
///             port that has some waiting there when it turns: ports of one class share the bus alike,
///             whether they read or write.
/// Timing      in DRAM clocks, from event to event; one command a DRAM clock. AMD does not publish the
///             scheduler: the order and the watermarks are the textbook ones (Rixner et al., ISCA 2000), not
///             measured ones.
/// Differs     a write to the address of a held read holds up acceptance until the read was served.
/// Uses        read_queue, write_queue, row_hit_cap, write_high, write_low, response_clocks, page,
///             grant_bursts, starvation.
#include "models/ddr/controller.h"
#include "models/ddr/slots.h"

namespace vesper::ddr {

namespace {

class Versal final : public Controller {
 public:
  Versal(const Part& part, const ControllerSettings& settings)
      : Controller(part, settings),
        row_hit_cap_(settings.row_hit_cap != 0 ? settings.row_hit_cap : kRowHitCap),
        reads_(settings.read_queue),
        writes_(settings.write_queue),
        reorder_(settings.read_queue),
        in_order_(settings.ports),
        left_at_(settings.ports, 0),
        data_at_(bursts_.capacity(), 0) {
    keeps_order_ = true;
  }

 protected:
  void arrived(Clock arrival) override { accept_at_ = std::min(accept_at_, std::max(arrival, accept_free_)); }

  void run(Clock before) override {
    for (;;) {
      if (stale_) find_command();
      const Clock clock = std::min({accept_at_, command_.clock, refresh_.clock, due_clock()});
      if (clock >= before) break;
      if (clock == due_clock() && idle()) refresher_.skip_until(std::min(before, accept_at_));
      step(clock);
    }
  }

 private:
  /// DRAM clocks of a controller clock: "the controller operates at half the DRAM clock frequency" (UG1273).
  static constexpr Clock kControllerClock = 2;
  /// AMD publishes none; Ramulator's FRFCFS_Cap scheduler has this one.
  static constexpr uint32_t kRowHitCap = 16;

  struct Choice {
    Clock clock = kNever;
    uint32_t bank = 0;
    bool row_command = false;  ///< activate or precharge
    uint32_t age = 0;
    /// Earlier first, then reads and writes before row commands, then the oldest.
    [[nodiscard]] bool before(const Choice& other) const {
      if (clock != other.clock) return clock < other.clock;
      if (row_command != other.row_command) return !row_command;
      return static_cast<int32_t>(age - other.age) < 0;
    }
  };

  /// What each bank with a burst of the bus's direction wants next, and from when its own commands allow it.
  struct Wants {
    uint64_t activate = 0, precharge = 0, column = 0;  ///< sets of banks
    std::array<Clock, kMaxBanks> from{};
    std::array<uint32_t, kMaxBanks> age{};
    void clear(uint32_t bank) {
      const uint64_t others = ~(uint64_t{1} << bank);
      activate &= others;
      precharge &= others;
      column &= others;
    }
    void set(uint64_t& kind, uint32_t bank, Clock clock, uint32_t how_old) {
      kind |= uint64_t{1} << bank;
      from[bank] = clock;
      age[bank] = how_old;
    }
  };

  [[nodiscard]] Clock due_clock() const { return refresher_.pending() ? kNever : refresher_.due(); }
  [[nodiscard]] bool idle() const {
    return reads_.empty() && writes_.empty() && device_.open_banks() == 0 && !logging();
  }
  [[nodiscard]] BankQueues& active() { return writing_ ? writes_ : reads_; }
  [[nodiscard]] const BankQueues& active() const { return writing_ ? writes_ : reads_; }

  void step(Clock clock) {
    now_ = clock;
    if (accept_at_ <= clock) accept_one(clock);
    if (due_clock() <= clock) {
      refresher_.fall_due();
      refresh_ = refresher_.next(clock);
      stale_ = true;
    } else if (refresh_.clock <= clock) {
      refresh(clock);
    } else if (command_.clock <= clock && !stale_) {
      issue(clock);
    }
  }

  // Acceptance.

  [[nodiscard]] bool write_room() const {
    return writes_.count() < settings().write_queue && bursts_.has_room();
  }

  void accept_one(Clock clock) {
    const bool read_room = reorder_.room(clock) <= clock && bursts_.has_room();
    const uint32_t port = choose_port(clock, read_room, write_room());
    if (port == kNoPort) {
      schedule_acceptance(clock);
      return;
    }
    if (head_writes(port) && bursts_.find(head_block(port), false) != kNoBurst) {
      accept_at_ = kNever;  // until a read is served
      return;
    }
    accept_free_ = clock + kControllerClock;
    const BurstIndex index = accept(port, clock);
    if (index != kNoBurst) enqueue(index, port);
    schedule_acceptance(clock + 1);
  }

  void enqueue(BurstIndex index, uint32_t port) {
    const Burst& burst = bursts_[index];
    if (!burst.write) {
      reorder_.take();
      in_order_[port].push(index);
      data_at_[index] = kNever;
    }
    if (burst.forwarded) return leave_in_order(index, port, now_ + 1);
    ++queued_of_[burst.write ? 1 : 0][port];
    (burst.write ? writes_ : reads_).push(burst.bank, index, burst.row, burst.write, device_.row(burst.bank));
    if (burst.write == writing_) find_wants(burst.bank);
    if (stale_) return;
    if (direction() != writing_ || (burst.write == writing_ && burst.bank == command_.bank)) {
      stale_ = true;
    } else if (burst.write == writing_ && (refresher_.blocked() >> burst.bank & 1) == 0) {
      consider(burst.bank);
    }
  }

  void schedule_acceptance(Clock from) {
    from = std::max(from, accept_free_);
    accept_at_ = next_acceptance(from, false, write_room());
    const Clock free = bursts_.has_room() ? reorder_.room(from) : kNever;
    if (free < accept_at_) accept_at_ = std::min(accept_at_, next_acceptance(free, true, false));
  }

  // Commands.

  /// Whether the bus should carry writes.
  [[nodiscard]] bool direction() const {
    if (writes_.empty()) return false;
    if (reads_.empty()) return writing_ || writes_.count() >= settings().write_low || reorder_.taken() == 0;
    if (writing_) return pressed_ && batch_left_ > 0 && writes_.count() > settings().write_low;
    return batch_left_ == 0 && writes_.count() >= settings().write_high;
  }

  void find_command() {
    stale_ = false;
    turn(direction());
    command_ = {};
    const uint64_t free = ~refresher_.blocked();
    for (uint64_t rest = wants_.column & free; rest != 0; rest &= rest - 1) consider_column(lowest(rest));
    if (command_.clock <= now_ + 1) return;  // nothing goes before a read or write that is ready
    for (uint64_t rest = wants_.precharge & free; rest != 0; rest &= rest - 1)
      consider_precharge(lowest(rest));
    if (part_.ranks == 1 && device_.window_free(0) > command_.clock) return;
    for (uint64_t rest = wants_.activate & free; rest != 0; rest &= rest - 1) consider_activate(lowest(rest));
  }

  void turn(bool to_writes) {
    pressed_ = to_writes && (pressed_ || writes_.count() >= settings().write_high);
    if (writing_ == to_writes) return;
    writing_ = to_writes;
    batch_left_ = settings().write_high * std::max(ports_waiting_for(to_writes), 1U);
    find_all_wants();
  }

  [[nodiscard]] uint32_t ports_waiting_for(bool writes) const {
    const auto& queued = queued_of_[writes ? 1 : 0];
    return static_cast<uint32_t>(
        std::count_if(queued.begin(), queued.end(), [](uint32_t n) { return n != 0; }));
  }

  void find_all_wants() {
    wants_.activate = wants_.precharge = wants_.column = 0;
    for (uint64_t rest = active().waiting(); rest != 0; rest &= rest - 1) find_wants(lowest(rest));
  }

  void find_wants(uint32_t bank) {
    const BankQueues& queues = active();
    wants_.clear(bank);
    if (queues.size(bank) == 0) return;
    if (!device_.is_open(bank)) {
      wants_.set(wants_.activate, bank, device_.own_activate(bank), queues.oldest(bank).age);
    } else if (gives_up_row(bank)) {
      wants_.set(wants_.precharge, bank, device_.earliest_precharge(bank), queues.oldest(bank).age);
    } else {
      wants_.set(wants_.column, bank, device_.own_column(bank),
                 queues.entry(bank, lowest(queues.hits(bank))).age);
    }
  }

  [[nodiscard]] bool gives_up_row(uint32_t bank) const {
    const BankQueues& queues = active();
    return queues.oldest_misses(bank) && (queues.hits(bank) == 0 || device_.hits(bank) >= row_hit_cap_);
  }

  /// The bank's next command becomes the choice if it is better.
  void consider(uint32_t bank) {
    if ((wants_.column >> bank & 1) != 0)
      consider_column(bank);
    else if ((wants_.precharge >> bank & 1) != 0)
      consider_precharge(bank);
    else
      consider_activate(bank);
  }
  void consider_column(uint32_t bank) {
    const Clock group = writing_ ? device_.group_write(bank) : device_.group_read(bank);
    choose({std::max({wants_.from[bank], group, now_ + 1}), bank, false, wants_.age[bank]});
  }
  void consider_precharge(uint32_t bank) {
    choose({std::max(wants_.from[bank], now_ + 1), bank, true, wants_.age[bank]});
  }
  void consider_activate(uint32_t bank) {
    const Clock window = device_.window_free(device_.rank_of(bank));
    choose({std::max({wants_.from[bank], device_.group_activate(bank), window, now_ + 1}), bank, true,
            wants_.age[bank]});
  }
  void choose(const Choice& choice) {
    if (choice.before(command_)) command_ = choice;
  }

  void issue(Clock clock) {
    const uint32_t bank = command_.bank;
    stale_ = true;
    if (!device_.is_open(bank)) {
      activate(bank, active().oldest(bank).row, clock);
      row_changed(bank);
    } else if (command_.row_command) {
      precharge(bank, clock);
      row_changed(bank);
    } else {
      transfer_oldest(bank, clock);
    }
  }

  void row_changed(uint32_t bank) {
    reads_.row_changed(bank, device_.row(bank));
    writes_.row_changed(bank, device_.row(bank));
    find_wants(bank);
  }

  void transfer_oldest(uint32_t bank, Clock clock) {
    if (batch_left_ > 0) --batch_left_;
    const BurstIndex index = active().take(bank, lowest(active().hits(bank)));
    const bool hits_left = reads_.hits(bank) != 0 || writes_.hits(bank) != 0;
    const bool others_left = reads_.size(bank) + writes_.size(bank) != 0;
    const bool close = closes(hits_left, others_left);
    const uint32_t port = bursts_[index].port;
    --queued_of_[writing_ ? 1 : 0][port];
    transfer(index, close, clock);
    if (close)
      row_changed(bank);
    else
      find_wants(bank);
    if (!writing_) leave_in_order(index, port, clock + part_.read_clocks());
    if (accept_at_ == kNever) schedule_acceptance(clock + 1);
  }

  /// Data of the burst are there at `clock`; they and all that waited for them leave in the port's order.
  void leave_in_order(BurstIndex index, uint32_t port, Clock clock) {
    data_at_[index] = clock;
    Ring<BurstIndex>& waiting = in_order_[port];
    while (!waiting.empty() && data_at_[waiting.front()] != kNever) {
      left_at_[port] = std::max(left_at_[port], data_at_[waiting.front()]);
      answer(waiting.front(), left_at_[port]);
      waiting.pop();
      reorder_.give_back(left_at_[port] + settings().response_clocks);
    }
  }

  void refresh(Clock clock) {
    const Refresher::Step step = refresh_;
    refresh_step(step);
    refresh_ = refresher_.pending() ? refresher_.next(clock + 1) : Refresher::Step{};
    if (step.kind == CommandKind::precharge)
      row_changed(step.bank);
    else
      find_all_wants();
    stale_ = true;
  }

  uint32_t row_hit_cap_;
  BankQueues reads_, writes_;
  Slots reorder_;
  std::vector<Ring<BurstIndex>> in_order_;  ///< reads of a port whose data have not left
  std::array<std::array<uint32_t, ControllerSettings::kMaxPorts>, 2>
      queued_of_{};             ///< reads and writes queued, by port
  std::vector<Clock> left_at_;  ///< when data last left for a port
  std::vector<Clock> data_at_;  ///< by burst: when its data are there
  bool writing_ = false;
  bool pressed_ = false;     ///< writing because the queue was filling
  uint32_t batch_left_ = 0;  ///< bursts to serve before the bus may turn for others that wait
  bool stale_ = false;       ///< command_ has to be found anew
  Wants wants_;
  Choice command_;
  Refresher::Step refresh_;
  Clock accept_at_ = kNever;
  Clock accept_free_ = 0;  ///< from when the next acceptance may be
  Clock now_ = 0;          ///< of the last step
};

VESPER_DDR_POLICY(Versal, "versal", "QoS ports, one read reorder buffer, oldest ready first (AMD DDRMC)");

}  // namespace
}  // namespace vesper::ddr
