#include <gmock/gmock.h>

#include <systemc>

#include "models/core/sim_error.h"

/// Every test executable: a SystemC warning fails the test, an error throws.
int sc_main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  vesper::core::throw_on_systemc_reports();
  return RUN_ALL_TESTS();
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }
