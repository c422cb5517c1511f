/// What initiators of memory traffic share: closing the ledger of a payload's time, telling that it is done,
/// and saying that it failed.
#pragma once

#include <string>
#include <tlm>
#include <vector>

#include "models/core/latency.h"
#include "platform/observe/observer.h"
#include "platform/property/schema.h"

namespace vesper::core {

/// Accounts for all of a payload's time: `port` from its answer at `answered` to when it is done at `done`,
/// and `other` for what nobody accounted for before. Ends the simulation when more time is accounted for than
/// passed since the payload was issued. Picoseconds.
void close_ledger(tlm::tlm_generic_payload& payload, uint64_t answered, uint64_t done);

/// Tells observers of the payload, which is done at `done`; its ledger is closed if topic latency is wanted.
void tell_done(const observe::ObserverHub& observers, tlm::tlm_generic_payload& payload, uint16_t port,
               uint64_t done);

/// "accelerator.load_a: read of 4096 bytes at 0x800001000 for camera job 3 failed at 1250000000 ps:
/// TLM_GENERIC_ERROR_RESPONSE (bus error)". `initiator` is who asked, `requesters` names JobTag::task.
std::string failure_of(tlm::tlm_generic_payload& payload, std::string_view initiator,
                       const std::vector<std::string>& requesters);

}  // namespace vesper::core
