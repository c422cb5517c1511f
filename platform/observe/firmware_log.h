/// Hands on what firmware says, line by line: `1.2 ms  uart: ready`.
#pragma once

#include <functional>
#include <string>

#include "platform/observe/observer.h"

namespace vesper::observe {

class FirmwareLog final : public Observer {
 public:
  using Print = std::function<void(const std::string& line)>;
  explicit FirmwareLog(Print print) : print_(std::move(print)) {}

  [[nodiscard]] uint32_t topics() const override { return bit(Topic::log); }
  void log(std::string_view source, std::string_view line, Time at) override;

 private:
  Print print_;
};

}  // namespace vesper::observe
