// An access that nothing decodes, with no handler: the run ends.
#include "sw/tests/platform.h"

extern "C" void main() { vesper::hal::write32(vesper::test::kUnmapped + 0x24, 1); }
