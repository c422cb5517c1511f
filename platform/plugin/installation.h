/// Where the files that come with Vesper lie: scenarios, firmware, templates. Found from the place of the
/// library, so that an installed tree can be moved.
#pragma once

#include <string>

namespace vesper::plugin {

/// `name` below share/vesper, or empty where there is no such file.
std::string shared_file(const std::string& name);

}  // namespace vesper::plugin
