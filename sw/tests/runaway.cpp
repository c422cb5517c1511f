// A jump out of memory.
#include <stdint.h>

extern "C" void main() { reinterpret_cast<void (*)()>(uint64_t{0x7000'0000})(); }
