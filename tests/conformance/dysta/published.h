/// attnn30.json (README.md): its requests, and when each ends under the published code.
#pragma once

#include <map>
#include <string>

#include "tests/conformance/dysta/mixes.h"

namespace vesper::test {

struct Published {
  ServerLoad load;
  std::map<std::string, std::vector<policy::Time>> finish;  ///< by policy
};
Published read_published();

}  // namespace vesper::test
