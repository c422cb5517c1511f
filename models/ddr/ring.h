/// The queue of models/core/ring.h under this folder's namespace.
#pragma once

#include "models/core/ring.h"

namespace vesper::ddr {
using core::Ring;
}  // namespace vesper::ddr
