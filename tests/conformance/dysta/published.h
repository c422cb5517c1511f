/// attnn30.json (README.md): its requests, and when each ends under the published code.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "tests/conformance/dysta/mixes.h"

namespace vesper::test {

/// A policy, and its name in that file.
using PublishedPolicy = std::pair<const char*, const char*>;
inline constexpr PublishedPolicy kPublishedPolicies[] = {
    {"fcfs", "fcfs"},         {"sjf", "sjf"},     {"prema", "prema"},        {"sdrm3", "sdrm3"},
    {"planaria", "planaria"}, {"dysta", "dysta"}, {"oracle", "dysta_oracle"}};

struct Published {
  ServerLoad load;
  std::map<std::string, std::vector<policy::Time>> finish;  ///< by policy
};
Published read_published();

}  // namespace vesper::test
