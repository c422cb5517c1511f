#include "tests/conformance/dysta/reference_server.h"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

namespace vesper::test {
namespace {

using workload::Request;
using workload::RequestTable;

size_t longest_queue = 0;

double seconds(int64_t ps) { return static_cast<double>(ps) / 1e12; }

struct Entry {
  size_t index = 0;
  size_t next = 0;    // layer
  int64_t last = 0;   // end of its last layer, or its arrival
  double token = -1;  // of PREMA; negative before the first sight
};

class Server {
 public:
  Server(const RequestTable& table, std::string policy) : table_(table), policy_(std::move(policy)) {}

  std::vector<uint64_t> run() {
    std::vector<uint64_t> finish(table_.requests.size());
    while (true) {
      admit();
      if (queue_.empty()) {
        if (admitted_ == table_.requests.size()) return finish;
        now_ = static_cast<int64_t>(table_.requests[admitted_].arrival_ps);
        continue;
      }
      longest_queue = std::max(longest_queue, queue_.size());
      size_t chosen = choose();
      Entry& entry = queue_[chosen];
      now_ += static_cast<int64_t>(request(entry).layer_ps[entry.next++]);
      entry.last = now_;
      if (entry.next < request(entry).layer_ps.size()) continue;
      finish[entry.index] = static_cast<uint64_t>(now_);
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
  }

 private:
  void admit() {
    while (admitted_ < table_.requests.size() &&
           static_cast<int64_t>(table_.requests[admitted_].arrival_ps) <= now_) {
      queue_.push_back({admitted_, 0, static_cast<int64_t>(table_.requests[admitted_].arrival_ps), -1});
      ++admitted_;
    }
  }

  size_t choose() {
    if (policy_ == "fcfs") return 0;
    if (policy_ == "sjf") return least([this](const Entry& e) { return left(e, e.next); });
    if (policy_ == "prema") return prema();
    if (policy_ == "planaria")
      return latest_of_most([this](const Entry& e) { return priority(e) / to_deadline(e); });
    if (policy_ == "sdrm3") return latest_of_most([this](const Entry& e) { return sdrm3(e); });
    if (policy_ == "dysta") {
      return least([this](const Entry& e) {
        return dysta(e, gamma(e) * pattern_left(e, e.next), pattern_left(e, 0));
      });
    }
    return least([this](const Entry& e) { return dysta(e, true_left(e, e.next), true_left(e, 0)); });
  }

  [[nodiscard]] const Request& request(const Entry& e) const { return table_.requests[e.index]; }
  [[nodiscard]] const std::vector<workload::LayerAverage>& layers(const Entry& e) const {
    return table_.kinds[request(e).kind].layers;
  }
  [[nodiscard]] double left(const Entry& e, size_t from) const {
    double sum = 0;
    for (size_t i = from; i < layers(e).size(); ++i) sum += layers(e)[i].latency_s;
    return sum;
  }
  [[nodiscard]] double pattern_left(const Entry& e, size_t from) const {
    double sum = 0;
    for (size_t i = from; i < layers(e).size(); ++i) sum += layers(e)[i].pattern_latency_s;
    return sum;
  }
  [[nodiscard]] double true_left(const Entry& e, size_t from) const {
    double sum = 0;
    for (size_t i = from; i < layers(e).size(); ++i)
      sum += seconds(static_cast<int64_t>(request(e).layer_ps[i]));
    return sum;
  }
  [[nodiscard]] double idle(const Entry& e) const { return seconds(now_ - e.last); }
  [[nodiscard]] double to_deadline(const Entry& e) const {
    return seconds(static_cast<int64_t>(request(e).deadline_ps) - now_);
  }
  [[nodiscard]] double priority(const Entry& e) const { return request(e).priority; }

  [[nodiscard]] double sdrm3(const Entry& e) const {
    return std::min(1.0, left(e, e.next) / to_deadline(e)) + idle(e) / layers(e)[e.next].latency_s;
  }
  [[nodiscard]] double gamma(const Entry& e) const {
    if (e.next == 0) return 1;
    double sum = 0;
    for (size_t i = 0; i < e.next; ++i) sum += (1 - request(e).sparsity[i]) / (1 - layers(e)[i].sparsity);
    return sum / static_cast<double>(e.next);
  }
  [[nodiscard]] double dysta(const Entry& e, double remaining, double isolated) const {
    double slack = std::max(0.0, to_deadline(e) - remaining);
    return remaining + 0.01 * (slack + idle(e) / isolated / static_cast<double>(queue_.size()));
  }

  size_t prema() {
    double most = 0;
    for (Entry& e : queue_) {
      if (e.token < 0) {
        e.token = priority(e);
        continue;
      }
      e.token += priority(e) * idle(e) / left(e, 0);
      most = std::max(most, e.token);
    }
    double threshold = most >= 9 ? 9 : most >= 3 ? 3 : 1;
    size_t best = queue_.size();
    for (size_t i = 0; i < queue_.size(); ++i) {
      if (queue_[i].token < threshold) continue;
      if (best == queue_.size() || left(queue_[i], queue_[i].next) < left(queue_[best], queue_[best].next))
        best = i;
    }
    return best;
  }

  size_t least(const std::function<double(const Entry&)>& score) const {
    size_t best = 0;
    double best_score = score(queue_[0]);
    for (size_t i = 1; i < queue_.size(); ++i) {
      double candidate = score(queue_[i]);
      if (candidate < best_score) {
        best = i;
        best_score = candidate;
      }
    }
    return best;
  }

  /// A later one is taken when its score is at least the best or the best is negative, but not an equal one
  /// with a later arrival.
  size_t latest_of_most(const std::function<double(const Entry&)>& score) const {
    size_t best = 0;
    double best_score = score(queue_[0]);
    for (size_t i = 1; i < queue_.size(); ++i) {
      double candidate = score(queue_[i]);
      if (!(candidate >= best_score || best_score < 0)) continue;
      if (candidate == best_score && request(queue_[i]).arrival_ps > request(queue_[best]).arrival_ps)
        continue;
      best = i;
      best_score = candidate;
    }
    return best;
  }

  const RequestTable& table_;
  const std::string policy_;
  int64_t now_ = 0;
  size_t admitted_ = 0;
  std::vector<Entry> queue_;
};

}  // namespace

std::vector<uint64_t> reference_finish(const RequestTable& table, const std::string& policy) {
  longest_queue = 0;
  return Server(table, policy).run();
}

size_t reference_queue() { return longest_queue; }

std::string to_request_json(const RequestTable& table) {
  nlohmann::json all;
  for (const workload::RequestKind& kind : table.kinds) {
    nlohmann::json& model = all["models"][kind.name()];
    for (const workload::LayerAverage& layer : kind.layers) {
      model["average_latency_s"].push_back(layer.latency_s);
      model["average_latency_of_pattern_s"].push_back(layer.pattern_latency_s);
      model["average_sparsity"].push_back(layer.sparsity);
    }
  }
  for (const Request& request : table.requests) {
    all["requests"].push_back({{"arrival_ps", request.arrival_ps},
                               {"model", table.kinds[request.kind].name()},
                               {"priority", request.priority},
                               {"slo_ps", request.deadline_ps - request.arrival_ps},
                               {"layer_ps", request.layer_ps},
                               {"layer_sparsity", request.sparsity}});
  }
  return all.dump();
}

}  // namespace vesper::test
