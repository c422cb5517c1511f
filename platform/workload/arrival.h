/// Arrival processes: when a task's jobs are released and when they are due. An interface, one implementation
/// a file, registered by name; integer arithmetic alone, the same on every machine. SystemC-free.
///
///     class Periodic final : public ArrivalProcess {
///      public:
///       struct Properties { ...; static void describe(Schema<Properties>&); };
///       Periodic(const Properties& properties, const ArrivalContext& context);
///     };
///     VESPER_ARRIVAL(Periodic, "periodic", "a job every period, with offset and jitter");   // in the .cpp
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/property/schema.h"

namespace vesper::workload {

struct Arrival {
  uint64_t release_ps = 0;
  uint64_t deadline_ps = 0;  ///< absolute
};

/// `at` + `by`, or none beyond the end of time (2^64 ps, 213 days): no job is released or due there.
[[nodiscard]] inline std::optional<uint64_t> later(uint64_t at, uint64_t by) {
  uint64_t sum = 0;
  return __builtin_add_overflow(at, by, &sum) ? std::nullopt : std::optional(sum);
}

class ArrivalProcess {
 public:
  ArrivalProcess() = default;
  ArrivalProcess(const ArrivalProcess&) = delete;
  ArrivalProcess& operator=(const ArrivalProcess&) = delete;
  virtual ~ArrivalProcess() = default;

  /// The next job, in order of release, or none when there are no more.
  virtual std::optional<Arrival> next() = 0;
  /// The least time between two nominal arrivals, which rate-monotonic priorities and analyses take as the
  /// period; none if there is no such promise.
  [[nodiscard]] virtual std::optional<uint64_t> period_ps() const = 0;
  /// The least time from a nominal arrival to its deadline; none without jobs.
  [[nodiscard]] virtual std::optional<uint64_t> relative_deadline_ps() const = 0;
  /// Jobs stand for the queries of one client that asks again when it has its answer: a job counts as
  /// released when the one before it ends, however early it could be scheduled.
  [[nodiscard]] virtual bool single_stream() const { return false; }
};

/// What a process is told besides its own properties.
struct ArrivalContext {
  uint64_t seed = 1;                 ///< of the task's own stream: stream_seed(run seed, task)
  std::optional<Duration> deadline;  ///< the task's `deadline`, after the nominal arrival
  Location where;                    ///< of the task, for errors and for paths relative to its file
};

struct ArrivalFactory {
  std::string name;
  std::string help;
  /// Checks the properties without building; the effective configuration comes back.
  std::function<Node(const Node& properties, const std::string& path, std::span<const std::string> foreign)>
      check;
  /// Throws InputError on properties that do not fit together or a file that cannot be read.
  std::function<std::unique_ptr<ArrivalProcess>(const Node& properties, const std::string& path,
                                                std::span<const std::string> foreign, const ArrivalContext&)>
      create;
  std::function<std::vector<PropertyInfo>()> properties;
};

/// The registered processes.
std::vector<ArrivalFactory>& arrival_processes();
/// Null when there is none of that name.
const ArrivalFactory* find_arrival_process(const std::string& name);

template <class T>
struct ArrivalRegistration {
  ArrivalRegistration(const char* name, const char* help) {
    using Properties = typename T::Properties;
    auto read = [](const Node& node, const std::string& path, std::span<const std::string> foreign) {
      Properties properties;
      schema_of<Properties>().read(node, properties, path, foreign);
      return properties;
    };
    arrival_processes().push_back(
        {name, help,
         [read](const Node& node, const std::string& path, std::span<const std::string> foreign) {
           return schema_of<Properties>().write(read(node, path, foreign));
         },
         [read](const Node& node, const std::string& path, std::span<const std::string> foreign,
                const ArrivalContext& context) -> std::unique_ptr<ArrivalProcess> {
           return std::make_unique<T>(read(node, path, foreign), context);
         },
         [] { return schema_of<Properties>().list(); }});
  }
};

#define VESPER_ARRIVAL(Class, name, help) \
  static const ::vesper::workload::ArrivalRegistration<Class> vesper_registration_of_##Class { name, help }

}  // namespace vesper::workload
