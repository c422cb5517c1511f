/// Request mixes as tasks and requests of a server, and the metrics of Sparse-Dysta's table 5.
#pragma once

#include "tests/conformance/dysta/queue_simulator.h"
#include "tests/support/request_mixes.h"

namespace vesper::test {

struct ServerLoad {
  std::vector<ServerTask> tasks;  ///< one a model, pattern and priority
  std::vector<ServerRequest> requests;
};
ServerLoad server_load(const PoissonMix& mix, uint64_t seed);

struct Service {
  double antt = 0;
  double violations = 0;  ///< percent
  double stp = 0;         ///< requests a second
};
Service service_of(const ServerLoad& load, const std::vector<policy::Time>& finish);
/// The mean over seeds 1 .. `seeds`.
Service mean_service(const PoissonMix& mix, const PolicyChoice& choice, uint64_t seeds = 5);

}  // namespace vesper::test
