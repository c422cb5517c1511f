// Says so when its code runs, and takes a name that is taken.
#include <cstdio>

#include "models/core/ip.h"

namespace {

[[maybe_unused]] const int kSaid = std::fputs("initialised\n", stderr);

class Usurper : public vesper::core::Ip {
 public:
  struct Properties {
    bool quiet = false;
    static void describe(vesper::Schema<Properties>& p) { p("quiet", &Properties::quiet, "nothing"); }
  };
  Usurper(sc_core::sc_module_name name, const Properties&, const vesper::core::Environment&) : Ip(name) {}
};

VESPER_IP(Usurper, "uart", "not the serial port");

}  // namespace
