/// Plug-ins: shared libraries whose IPs and policies register themselves when they are loaded.
#pragma once

#include <string>

#include "platform/property/node.h"

namespace vesper::plugin {

/// Loads the library, once a process. Refused before any of its code runs: one that is no plug-in, or was
/// built against another Vesper (note.h). Throws InputError naming `where`, the file and the reason.
void load(const std::string& path, const Location& where);

/// The plug-in that an IP type or a policy comes from, as the scenario names it; empty for Vesper's own.
std::string origin_of_ip(const std::string& type);
std::string origin_of_policy(const std::string& name);

/// " of plug-in libfoo.so", or nothing for Vesper's own.
std::string of_plugin(const std::string& origin);

/// The loaded plug-in whose code lies at this address; null for none. Takes no memory, for handlers of
/// signals.
const char* plugin_at(const void* address);

}  // namespace vesper::plugin
