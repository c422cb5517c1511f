/// What observers are told of an accelerator.
#pragma once

#include <utility>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::test {

/// What observers are told, in order.
class Log : public observe::Observer {
 public:
  [[nodiscard]] uint32_t topics() const override {
    using observe::Topic;
    return bit(Topic::job) | bit(Topic::instruction) | bit(Topic::region) | bit(Topic::operation) |
           bit(Topic::transfer);
  }
  void first_compute(observe::JobId job, observe::Time at) override { first_computes.emplace_back(job, at); }
  void job_completed(observe::JobId job, observe::Time at) override { completed.emplace_back(job, at); }
  void job_failed(observe::JobId job, observe::Time at) override { failed.emplace_back(job, at); }
  void instruction_issued(const observe::InstructionIssued& event) override { instructions.push_back(event); }
  void region_ended(const observe::RegionEnded& event) override { regions.push_back(event); }
  void operation(const observe::Operation& event) override { operations.push_back(event); }
  void transfer(const observe::Transfer& event) override { transfers.push_back(event); }

  std::vector<std::pair<observe::JobId, uint64_t>> first_computes, completed, failed;
  std::vector<observe::InstructionIssued> instructions;
  std::vector<observe::RegionEnded> regions;
  std::vector<observe::Operation> operations;
  std::vector<observe::Transfer> transfers;
};

}  // namespace vesper::test
