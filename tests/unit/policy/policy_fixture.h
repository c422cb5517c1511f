/// A policy of the given name over a dispatcher, as every placement builds one.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "schedulers/policy/dispatcher.h"

namespace vesper::policy {

class Scheduler {
 public:
  using Settings = std::vector<std::pair<std::string, double>>;

  /// `set` replaces the defaults of the parameters named.
  Scheduler(const std::string& policy, std::vector<TaskParameters> tasks, const Settings& set = {})
      : tasks_(std::move(tasks)), dispatcher_(tasks_.data(), static_cast<uint16_t>(tasks_.size())) {
    const PolicyInfo* info = find_policy(policy.c_str());
    EXPECT_NE(info, nullptr) << policy;
    storage_ = std::make_unique<std::byte[]>(info->size);
    std::vector<double> values;
    for (size_t i = 0; i < info->parameter_count; ++i) values.push_back(info->parameters[i].default_value);
    for (const auto& [name, value] : set) values.at(index_of(*info, name)) = value;
    dispatcher_.use(*info->make(storage_.get(), dispatcher_.jobs(), values.data()));
  }
  Dispatcher* operator->() { return &dispatcher_; }
  Dispatcher& operator*() { return dispatcher_; }

 private:
  static size_t index_of(const PolicyInfo& info, const std::string& name) {
    size_t i = 0;
    while (i < info.parameter_count && name != info.parameters[i].name) ++i;
    return i;
  }

  std::vector<TaskParameters> tasks_;
  Dispatcher dispatcher_;
  std::unique_ptr<std::byte[]> storage_;
};

}  // namespace vesper::policy
