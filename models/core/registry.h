/// Every IP is created through this registry by the name it has in scenarios, built-in ones and plug-ins
/// alike.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "platform/property/schema.h"

namespace vesper::core {

class Ip;
struct Environment;

struct IpFactory {
  std::string type;
  std::string help;
  /// Checks the properties without building; the effective configuration comes back.
  std::function<Node(const Node& properties, const std::string& path, std::span<const std::string> foreign)>
      check;
  std::function<Ip*(const char* name, const Node& properties, const std::string& path,
                    std::span<const std::string> foreign, const Environment&)>
      create;
  std::function<std::vector<PropertyInfo>()> properties;
  std::string plugin = {};  ///< the library it comes from; empty for one of Vesper's own
};

class IpRegistry {
 public:
  static IpRegistry& instance();
  /// Throws std::logic_error when the type is there already; while a plug-in is loaded, end_plugin() tells.
  void add(IpFactory factory);
  /// Types added until end_plugin() are of this plug-in.
  void begin_plugin(const std::string& plugin);
  /// The first type that was there already, in words; empty when there was none.
  std::string end_plugin();
  /// Null when there is none.
  [[nodiscard]] const IpFactory* find(const std::string& type) const;
  [[nodiscard]] std::vector<std::string> types() const;

 private:
  std::map<std::string, IpFactory> factories_;
  std::string plugin_;
  std::string clash_;
};

template <class T>
struct IpRegistration {
  IpRegistration(const char* type, const char* help) {
    using Properties = typename T::Properties;
    auto read = [](const Node& node, const std::string& path, std::span<const std::string> foreign) {
      Properties properties;
      schema_of<Properties>().read(node, properties, path, foreign);
      return properties;
    };
    IpRegistry::instance().add(
        {type, help,
         [read](const Node& node, const std::string& path, std::span<const std::string> foreign) {
           return schema_of<Properties>().write(read(node, path, foreign));
         },
         [read](const char* name, const Node& node, const std::string& path,
                std::span<const std::string> foreign, const Environment& environment) -> Ip* {
           return new T(name, read(node, path, foreign), environment);
         },
         [] { return schema_of<Properties>().list(); }});
  }
};

/// Registers an IP class under its scenario name; stands in the class's .cpp.
#define VESPER_IP(Class, type, help) \
  static const ::vesper::core::IpRegistration<Class> vesper_registration_of_##Class { type, help }

}  // namespace vesper::core
