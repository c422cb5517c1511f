/// Plug-ins: shared libraries whose IPs and policies register themselves when they are loaded.
#pragma once

#include <string>

#include "platform/property/node.h"

namespace vesper::scenario {

/// Loads the library once per process. Throws InputError naming `where`, the file and the loader's reason.
void load_plugin(const std::string& path, const Location& where);

}  // namespace vesper::scenario
