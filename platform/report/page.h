/// The page without its data, as it was built into this library (platform/report/page).
#pragma once

#include <string_view>

namespace vesper::report {

/// Where the data goes into the page: two places.
constexpr std::string_view kDataPlace = "@vesper-data@";
constexpr std::string_view kColumnsPlace = "@vesper-columns@";

/// Empty where the library was built without it.
std::string_view page();

}  // namespace vesper::report
