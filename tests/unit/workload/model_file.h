/// A network read from a file that the test writes.
#pragma once

#include <gmock/gmock.h>

#include "platform/workload/network_format.h"
#include "tests/support/command.h"

namespace vesper::workload {

class ModelFile : public ::testing::Test {
 protected:
  Network read(const std::string& name, const std::string& content, const Shape& shape = {}) {
    test::write_file(folder_ / name, content);
    return find_network_format(name)->read(folder_ / name, shape, here_);
  }
  std::string refusal(const std::string& name, const std::string& content, const Shape& shape = {}) {
    try {
      read(name, content, shape);
    } catch (const InputError& error) {
      return error.what();
    }
    ADD_FAILURE() << "taken: " << content;
    return "";
  }

  test::TemporaryFolder folder_;
  const Location here_{std::make_shared<const std::string>("scenario.yaml"), 7, 3};
};

}  // namespace vesper::workload
