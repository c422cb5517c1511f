/// `frfcfs-drain`: separate read and write buffers, a queue a bank, round robin over banks, write drain.
///
/// Models      the controller of DRAMsim3 (UMD, PER_BANK queues, open page): in every clock at most one burst
///             is accepted, one command issued and one burst moved from a buffer to its bank's queue, in that
///             order. Accept: the chosen port's next burst, if its buffer has room and fewer than
///             `outstanding` are under way. Command: banks are visited round robin after the one served last;
///             the first with a command that may issue gets it: closed, activate for its oldest entry; oldest
///             entry misses and either none hits or the row has served `row_hit_cap`, precharge; else the
///             oldest ready entry that hits. Move: the oldest burst of the active buffer whose bank queue has
///             room. The write buffer becomes active when it is full, or holds more than 8 while all bank
///             queues are empty, for as many as it then holds.
/// Timing      clock by clock that of those rules, computed from event to event.
/// Differs     a write to the address of a held read is passed over until the read was served (DRAMsim3 stops
///             the drain at it, and can stop for good); `closed` closes a row after its last queued hit.
/// Uses        outstanding, read_queue, write_queue, bank_queue, row_hit_cap, page, grant_bursts, starvation.
#include "models/ddr/age_list.h"
#include "models/ddr/controller.h"

namespace vesper::ddr {

namespace {

class FrfcfsDrain final : public Controller {
 public:
  FrfcfsDrain(const Part& part, const ControllerSettings& settings)
      : Controller(part, settings),
        row_hit_cap_(settings.row_hit_cap != 0 ? settings.row_hit_cap : kRowHitCap),
        queues_(settings.bank_queue) {}

 protected:
  void arrived(Clock arrival) override { accept_at_ = std::min(accept_at_, std::max(arrival, accept_free_)); }

  void run(Clock before) override {
    for (;;) {
      if (stale_) find_command();
      const Clock clock = std::min({accept_at_, move_at_, command_.clock, refresh_.clock, due_clock()});
      if (clock >= before) break;
      if (clock == due_clock() && idle()) refresher_.skip_until(std::min(before, accept_at_));
      step(clock);
    }
  }

 private:
  static constexpr uint32_t kDrainWhenIdle = 8;  ///< DRAMsim3, Controller::ScheduleTransaction
  static constexpr uint32_t kRowHitCap = 4;      ///< DRAMsim3, CommandQueue::ArbitratePrecharge

  struct Choice {
    Clock clock = kNever;
    uint32_t bank = 0;
  };

  [[nodiscard]] Clock due_clock() const { return refresher_.pending() ? kNever : refresher_.due(); }
  [[nodiscard]] bool idle() const {
    return queues_.empty() && device_.open_banks() == 0 && move_at_ == kNever && !logging();
  }

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
    if (move_at_ <= clock) move_one(clock);
  }

  // Acceptance.

  void accept_one(Clock clock) {
    const uint32_t port = choose_port(clock, read_room(), write_room());
    if (port == kNoPort || outstanding_room(clock) > clock) {
      schedule_acceptance(clock);
      return;
    }
    accept_free_ = clock + 1;
    const BurstIndex index = accept(port, clock);
    if (index != kNoBurst) {
      const Burst& burst = bursts_[index];
      (burst.write ? writes_ : reads_).push(index, burst.bank);
      move_at_ = std::min(move_at_, std::max(clock, move_free_));
    }
    schedule_acceptance(clock + 1);
  }

  [[nodiscard]] bool read_room() const { return reads_.size() < settings().read_queue && bursts_.has_room(); }
  [[nodiscard]] bool write_room() const {
    return writes_.size() < settings().write_queue && bursts_.has_room();
  }

  void schedule_acceptance(Clock from) {
    from = std::max(from, accept_free_);
    accept_at_ = next_acceptance(from, read_room(), write_room());
    if (accept_at_ != kNever) accept_at_ = outstanding_room(accept_at_);
  }

  // Commands.

  /// When the bank's queue can have a command issued, not before `from`.
  [[nodiscard]] Clock ready_at(uint32_t bank) const {
    if (!device_.is_open(bank)) return device_.earliest_activate(bank);
    Clock ready = kNever;
    if (wants_precharge(bank)) ready = device_.earliest_precharge(bank);
    if (queues_.read_hits(bank) != 0) ready = std::min(ready, device_.earliest_read(bank));
    if (queues_.write_hits(bank) != 0) ready = std::min(ready, device_.earliest_write(bank));
    return ready;
  }

  [[nodiscard]] bool wants_precharge(uint32_t bank) const {
    return queues_.oldest_misses(bank) && (queues_.hits(bank) == 0 || device_.hits(bank) >= row_hit_cap_);
  }

  /// The first command that can issue, and of those of its clock the first in round-robin order.
  void find_command() {
    stale_ = false;
    command_ = {};
    const Clock from = now_ + 1;
    const uint64_t banks = queues_.waiting() & ~refresher_.blocked();
    const uint64_t later = ~uint64_t{0} << last_bank_ << 1;
    for (const uint64_t part : {banks & later, banks & ~later}) {
      for (uint64_t rest = part; rest != 0; rest &= rest - 1) {
        const uint32_t bank = lowest(rest);
        const Clock ready = ready_at(bank);
        if (ready <= from) {
          if (command_.clock > from) command_ = {from, bank};
          return;
        }
        if (ready < command_.clock) command_ = {ready, bank};
      }
    }
  }

  void issue(Clock clock) {
    const uint32_t bank = command_.bank;
    last_bank_ = bank;
    stale_ = true;
    if (!device_.is_open(bank)) {
      activate(bank, queues_.oldest(bank).row, clock);
      queues_.row_changed(bank, device_.row(bank));
    } else if (wants_precharge(bank) && device_.earliest_precharge(bank) <= clock) {
      precharge(bank, clock);
      queues_.row_changed(bank, Device::kClosed);
    } else {
      transfer_oldest(bank, clock);
    }
  }

  void transfer_oldest(uint32_t bank, Clock clock) {
    uint32_t ready = 0;
    if (device_.earliest_read(bank) <= clock) ready |= queues_.read_hits(bank);
    if (device_.earliest_write(bank) <= clock) ready |= queues_.write_hits(bank);
    const bool was_full = (queues_.full() >> bank & 1) != 0;
    const BurstIndex index = queues_.take(bank, lowest(ready));
    const bool close = closes(queues_.hits(bank) != 0, queues_.size(bank) != 0);
    const bool write = bursts_[index].write;
    transfer(index, close, clock);
    if (close) queues_.row_changed(bank, Device::kClosed);
    if (!write) {
      answer(index, clock + part_.read_clocks());
      if (accept_at_ == kNever) schedule_acceptance(clock + 1);
    }
    if (was_full || queues_.empty() || draining_ != 0)
      move_at_ = std::min(move_at_, std::max(clock, move_free_));
  }

  void refresh(Clock clock) {
    const Refresher::Step step = refresh_;
    refresh_step(step);
    refresh_ = refresher_.pending() ? refresher_.next(clock + 1) : Refresher::Step{};
    if (step.kind == CommandKind::precharge) queues_.row_changed(step.bank, Device::kClosed);
    stale_ = true;
  }

  // From the buffers to the banks' queues.

  void move_one(Clock clock) {
    if (draining_ == 0 &&
        (writes_.size() >= settings().write_queue || (writes_.size() > kDrainWhenIdle && queues_.empty()))) {
      draining_ = writes_.size();
    }
    const bool moved =
        draining_ != 0 ? move_write(clock) : move_from(reads_, reads_.first_of(~queues_.full()), clock);
    const bool more = !reads_.empty() || !writes_.empty();
    move_at_ = moved && more ? clock + 1 : kNever;
  }

  bool move_write(Clock clock) {
    const uint64_t room = ~queues_.full();
    uint32_t position = writes_.first_of(room);
    while (position != AgeList::kNone &&
           bursts_.find(bursts_[writes_.burst(position)].block, false) != kNoBurst) {
      position = writes_.first_of(room, position + 1);
    }
    if (position == AgeList::kNone)
      return reads_hold_up_writes() && move_from(reads_, reads_.first_of(room), clock);
    --draining_;
    return move_from(writes_, position, clock);
  }

  /// Nothing can be drained because held reads of the same addresses have to go first.
  [[nodiscard]] bool reads_hold_up_writes() const { return (writes_.wanted() & ~queues_.full()) != 0; }

  bool move_from(AgeList& buffer, uint32_t position, Clock clock) {
    if (position == AgeList::kNone) return false;
    const uint32_t bank = buffer.bank(position);
    const BurstIndex index = buffer.burst(position);
    buffer.erase(position);
    move_free_ = clock + 1;
    const Burst& burst = bursts_[index];
    queues_.push(bank, index, burst.row, burst.write, device_.row(bank));
    note_candidate(bank);
    if (accept_at_ == kNever) schedule_acceptance(clock + 1);
    return true;
  }

  /// The bank's queue got an entry: its command may now be the first one, or no longer be wanted.
  void note_candidate(uint32_t bank) {
    if (stale_ || (refresher_.blocked() >> bank & 1) != 0) return;
    if (bank == command_.bank && command_.clock != kNever) {
      stale_ = true;
      return;
    }
    const Clock ready = std::max(ready_at(bank), now_ + 1);
    if (ready < command_.clock || (ready == command_.clock && turn(bank) < turn(command_.bank))) {
      command_ = {ready, bank};
    }
  }
  /// How far round the banks it is from the one served last.
  [[nodiscard]] uint32_t turn(uint32_t bank) const {
    return bank > last_bank_ ? bank - last_bank_ : bank + kMaxBanks - last_bank_;
  }

  uint32_t row_hit_cap_;
  BankQueues queues_;
  AgeList reads_, writes_;
  uint32_t draining_ = 0;  ///< writes still to be moved before reads go on
  uint32_t last_bank_ = 0;
  bool stale_ = false;  ///< command_ has to be found anew
  Choice command_;
  Refresher::Step refresh_;
  Clock accept_at_ = kNever;
  Clock move_at_ = kNever;
  Clock now_ = 0;                          ///< of the last step
  Clock accept_free_ = 0, move_free_ = 0;  ///< from when the next acceptance and move may be
};

VESPER_DDR_POLICY(FrfcfsDrain, "frfcfs-drain",
                  "per-bank queues, first-ready round robin, write drain (DRAMsim3)");

}  // namespace
}  // namespace vesper::ddr
