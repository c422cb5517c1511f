/// The tree a scenario is read into: scalars, lists and maps that know where they were written.
///
/// Independent of the file format, so that properties, `--set` and generated scenarios share one form.
#pragma once

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vesper {

/// Where a value was written. Prints as `file:line:column`.
struct Location {
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;
  [[nodiscard]] std::string text() const;
};

/// Wrong input from a user: names the place and, where there is one, the remedy. Exit status 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  InputError(const Location& where, const std::string& message);
};

class Node {
 public:
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();
  static Node null(Location where);
  static Node scalar(std::string text, Location where = {});
  static Node list(Location where = {});
  static Node map(Location where = {});

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_map() const { return kind_ == Kind::map; }
  [[nodiscard]] bool is_list() const { return kind_ == Kind::list; }
  [[nodiscard]] bool is_scalar() const { return kind_ == Kind::scalar; }
  [[nodiscard]] const char* kind_name() const;
  [[nodiscard]] const Location& where() const { return where_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<Node>& items() const { return items_; }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  /// The value of `key`, or null if this is no map or has no such key.
  [[nodiscard]] const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  /// The value of `key`; made (as null) when missing. This must be a map or null.
  Node& at_or_add(std::string_view key, const Location& where);
  void add(Node item);
  void erase(std::string_view key);
  /// Maps merge key by key, anything else is replaced: `over` wins.
  void merge(const Node& over);

 private:
  Kind kind_ = Kind::null;
  std::string text_;
  std::vector<Node> items_;
  std::vector<Entry> entries_;
  Location where_;
};

struct Node::Entry {
  std::string key;
  Location where;
  Node value;
};

/// The candidate with the least edit distance to `name`, or empty when none is near.
std::string nearest(std::string_view name, std::span<const std::string> candidates);
/// " (did you mean 'x'?)", or nothing when no candidate is near.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace vesper
