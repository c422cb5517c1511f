/// The one property mechanism: every parameter of every model and tool is declared once, with name, kind,
/// default, range and a line of help. The declaration serves parsing, checking, listing, the reference and
/// the effective configuration.
///
///     struct Properties {
///       ClockFrequency clock = MHz(230);
///       uint32_t fifo_depth = 4;
///       static void describe(Schema<Properties>& p) {
///         p("clock", &Properties::clock, "PL clock");
///         p("fifo_depth", &Properties::fifo_depth, "jobs a task's FIFO holds").between(1, 64);
///       }
///     };
///
/// A property may be a quantity (units.h), an enumeration with an `enum_names(E)` overload, another described
/// struct, a `std::optional`, or a `std::vector` of any of these. The default is the member's initialiser.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "platform/property/node.h"
#include "platform/property/units.h"

namespace vesper {

/// A declared property as references show it. `children` are the properties of a nested struct or of the
/// items of a list of structs.
struct PropertyInfo {
  std::string name;
  std::string kind;
  std::string default_text;
  std::string range;
  std::string help;
  std::vector<PropertyInfo> children;
};

/// The names of the properties themselves, children apart.
inline std::vector<std::string> names_of(const std::vector<PropertyInfo>& properties) {
  std::vector<std::string> names;
  names.reserve(properties.size());
  for (const PropertyInfo& property : properties) names.push_back(property.name);
  return names;
}

/// Names of an enumeration's values, in order of declaration: return one from `enum_names(E)`, found by ADL.
template <class E>
using EnumNames = std::vector<std::pair<E, const char*>>;

template <class P>
class Schema;
template <class P>
const Schema<P>& schema_of();

template <class T>
concept Described = requires(Schema<T>& schema) {
  T::describe(schema);
};
template <class T>
concept Enumerated = requires(T value) {
  enum_names(value);
};
template <class T>
concept Textual = requires(std::string_view text, T& value) {
  parse(text, value);
};

/// How a property of type T is read from and written to a Node; specialised below.
template <class T>
struct Codec;

template <class T>
requires(Textual<T> && !Enumerated<T>) struct Codec<T> {
  static std::string kind() { return kind_of(static_cast<const T*>(nullptr)); }
  static void read(const Node& node, T& out, const std::string& path) {
    if (!node.is_scalar()) {
      throw InputError(node.where(), fmt::format("{} takes {}, not {}", path, kind(), node.kind_name()));
    }
    try {
      parse(node.text(), out);
    } catch (const UnitError& error) {
      throw InputError(node.where(), fmt::format("{}: {}", path, error.what()));
    }
  }
  static Node write(const T& value) { return Node::scalar(to_text(value)); }
  static std::vector<PropertyInfo> children() { return {}; }
};

template <Enumerated T>
struct Codec<T> {
  static std::string kind() {
    std::string names;
    for (const auto& [value, name] : enum_names(T{})) names += (names.empty() ? "" : "|") + std::string(name);
    return names;
  }
  static void read(const Node& node, T& out, const std::string& path) {
    std::vector<std::string> names;
    for (const auto& [value, name] : enum_names(T{})) {
      if (node.is_scalar() && node.text() == name) {
        out = value;
        return;
      }
      names.emplace_back(name);
    }
    throw InputError(node.where(), fmt::format("{} is one of {}, not {}{}", path, kind(),
                                               node.is_scalar() ? "'" + node.text() + "'" : node.kind_name(),
                                               did_you_mean(node.text(), names)));
  }
  static Node write(const T& value) {
    for (const auto& [candidate, name] : enum_names(T{})) {
      if (candidate == value) return Node::scalar(name);
    }
    return Node::scalar("?");
  }
  static std::vector<PropertyInfo> children() { return {}; }
};

template <class T>
struct Codec<std::optional<T>> {
  static std::string kind() { return Codec<T>::kind(); }
  static void read(const Node& node, std::optional<T>& out, const std::string& path) {
    T value{};
    Codec<T>::read(node, value, path);
    out = std::move(value);
  }
  static Node write(const std::optional<T>& value) { return value ? Codec<T>::write(*value) : Node{}; }
  static std::vector<PropertyInfo> children() { return Codec<T>::children(); }
};

template <class T>
struct Codec<std::vector<T>> {
  static std::string kind() { return "list of " + Codec<T>::kind(); }
  static void read(const Node& node, std::vector<T>& out, const std::string& path) {
    if (!node.is_list()) {
      throw InputError(node.where(), fmt::format("{} takes a list, not {}; write [...] or '- ' items", path,
                                                 node.kind_name()));
    }
    out.clear();
    for (size_t i = 0; i < node.items().size(); ++i) {
      out.emplace_back();
      Codec<T>::read(node.items()[i], out.back(), fmt::format("{}[{}]", path, i));
    }
  }
  static Node write(const std::vector<T>& values) {
    Node list = Node::list();
    for (const T& value : values) list.add(Codec<T>::write(value));
    return list;
  }
  static std::vector<PropertyInfo> children() { return Codec<T>::children(); }
};

template <Described T>
struct Codec<T> {
  static std::string kind() { return "map"; }
  static void read(const Node& node, T& out, const std::string& path) {
    schema_of<T>().read(node, out, path);
  }
  static Node write(const T& value) { return schema_of<T>().write(value); }
  static std::vector<PropertyInfo> children() { return schema_of<T>().list(); }
};

/// What one property declares, after its name: constraints, in words that errors can use.
template <class P, class T>
class Declaration;

template <class P>
class Schema {
 public:
  /// Declares a property held in `member` of P or of a base of P.
  template <class T, class Base>
  requires std::derived_from<P, Base> Declaration<P, T>
  operator()(const char* name, T Base::*member, const char* help) {
    auto field = std::make_unique<TypedField<T>>();
    field->name = name;
    field->help = help;
    field->member = member;
    TypedField<T>* typed = field.get();
    fields_.push_back(std::move(field));
    return Declaration<P, T>(*typed);
  }

  /// Reads a map into `out`. Keys not in the map keep their value; a key in `foreign` belongs to somebody
  /// else. Throws InputError on an unknown key, a wrong kind, a value out of range or a required key missing.
  void read(const Node& node, P& out, const std::string& path,
            std::span<const std::string> foreign = {}) const {
    if (!node.is_map() && node.kind() != Node::Kind::null) {
      throw InputError(node.where(), fmt::format("{} takes a map, not {}", path, node.kind_name()));
    }
    std::string prefix = path.empty() ? "" : path + ".";
    for (const Node::Entry& entry : node.entries()) {
      if (const Field* field = find(entry.key)) {
        field->read(entry.value, out, prefix + entry.key);
        continue;
      }
      bool is_foreign = false;
      for (const std::string& key : foreign) is_foreign = is_foreign || key == entry.key;
      if (!is_foreign) {
        std::vector<std::string> known(foreign.begin(), foreign.end());
        for (const auto& field : fields_) known.push_back(field->name);
        throw InputError(entry.where, fmt::format("unknown key '{}{}'{}", prefix, entry.key,
                                                  did_you_mean(entry.key, known)));
      }
    }
    for (const auto& field : fields_) {
      if (field->required && !node.find(field->name)) {
        throw InputError(node.where(),
                         fmt::format("'{}{}' is missing: {}", prefix, field->name, field->help));
      }
    }
  }

  [[nodiscard]] Node write(const P& value) const {
    Node map = Node::map();
    for (const auto& field : fields_) {
      Node written = field->write(value);
      if (written.kind() != Node::Kind::null) map.at_or_add(field->name, {}) = std::move(written);
    }
    return map;
  }

  /// The declared properties with their defaults.
  [[nodiscard]] std::vector<PropertyInfo> list() const {
    std::vector<PropertyInfo> infos;
    P defaults{};
    for (const auto& field : fields_) infos.push_back(field->info(defaults));
    return infos;
  }

 private:
  template <class, class>
  friend class Declaration;

  struct Field {
    virtual ~Field() = default;
    virtual void read(const Node&, P&, const std::string& path) const = 0;
    [[nodiscard]] virtual Node write(const P&) const = 0;
    [[nodiscard]] virtual PropertyInfo info(const P& defaults) const = 0;
    std::string name, help, range;
    bool required = false;
  };

  template <class T>
  struct TypedField final : Field {
    void read(const Node& node, P& out, const std::string& path) const override {
      Codec<T>::read(node, out.*member, path);
      if (check && !check(out.*member)) {
        throw InputError(node.where(),
                         fmt::format("{} is {}; it must be {}", path, written(node), this->range));
      }
    }
    [[nodiscard]] Node write(const P& value) const override { return Codec<T>::write(value.*member); }
    [[nodiscard]] PropertyInfo info(const P& defaults) const override {
      return {this->name,  Codec<T>::kind(), this->required ? "" : shown(Codec<T>::write(defaults.*member)),
              this->range, this->help,       Codec<T>::children()};
    }
    static std::string written(const Node& node) {
      if (!node.is_list()) return shown(node);
      std::string items;
      for (const Node& item : node.items()) items += (items.empty() ? "" : ", ") + shown(item);
      return "[" + items + "]";
    }
    static std::string shown(const Node& node) { return node.is_scalar() ? node.text() : ""; }

    T P::*member = nullptr;
    std::function<bool(const T&)> check;
  };

  const Field* find(const std::string& name) const {
    for (const auto& field : fields_) {
      if (field->name == name) return field.get();
    }
    return nullptr;
  }

  std::vector<std::unique_ptr<Field>> fields_;
};

template <class P, class T>
class Declaration {
  template <class U>
  struct Unwrapped {
    using Type = U;
  };
  template <class U>
  struct Unwrapped<std::optional<U>> {
    using Type = U;
  };
  using Bound = typename Unwrapped<T>::Type;
  static const Bound& bound(const Bound& value) { return value; }
  static const Bound& bound(const std::optional<Bound>& value) { return *value; }

 public:
  explicit Declaration(typename Schema<P>::template TypedField<T>& field) : field_(field) {}

  Declaration& between(Bound least, Bound most) {
    field_.range = fmt::format("between {} and {}", to_text(least), to_text(most));
    field_.check = [least, most](const T& value) {
      return !(bound(value) < least) && !(most < bound(value));
    };
    return *this;
  }
  Declaration& at_least(Bound least) {
    field_.range = fmt::format("at least {}", to_text(least));
    field_.check = [least](const T& value) { return !(bound(value) < least); };
    return *this;
  }
  /// Any other constraint; `words` completes "it must be ...".
  Declaration& must(std::function<bool(const T&)> check, const char* words) {
    field_.range = words;
    field_.check = std::move(check);
    return *this;
  }
  Declaration& required() {
    field_.required = true;
    return *this;
  }

 private:
  typename Schema<P>::template TypedField<T>& field_;
};

/// The schema of P, built once.
template <class P>
const Schema<P>& schema_of() {
  static const Schema<P> schema = [] {
    Schema<P> made;
    P::describe(made);
    return made;
  }();
  return schema;
}

}  // namespace vesper
