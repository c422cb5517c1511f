#include "platform/property/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace vesper {

std::string Location::text() const {
  if (!file) return "";
  return line > 0 ? fmt::format("{}:{}:{}", *file, line, column) : *file;
}

InputError::InputError(const Location& where, const std::string& message)
    : std::runtime_error(where.file ? where.text() + ": " + message : message) {}

Node::Node() = default;
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

void Node::add(Node item) { items_.push_back(std::move(item)); }

Node Node::null(Location where) {
  Node node;
  node.where_ = std::move(where);
  return node;
}

Node Node::scalar(std::string text, Location where) {
  Node node;
  node.kind_ = Kind::scalar;
  node.text_ = std::move(text);
  node.where_ = std::move(where);
  return node;
}

Node Node::list(Location where) {
  Node node;
  node.kind_ = Kind::list;
  node.where_ = std::move(where);
  return node;
}

Node Node::map(Location where) {
  Node node;
  node.kind_ = Kind::map;
  node.where_ = std::move(where);
  return node;
}

const char* Node::kind_name() const {
  constexpr const char* kNames[] = {"nothing", "a value", "a list", "a map"};
  return kNames[static_cast<size_t>(kind_)];
}

const Node* Node::find(std::string_view key) const {
  auto it = std::ranges::find(entries_, key, &Entry::key);
  return it == entries_.end() ? nullptr : &it->value;
}

Node* Node::find(std::string_view key) {
  auto it = std::ranges::find(entries_, key, &Entry::key);
  return it == entries_.end() ? nullptr : &it->value;
}

Node& Node::at_or_add(std::string_view key, const Location& where) {
  if (kind_ == Kind::null) {
    kind_ = Kind::map;
    where_ = where;
  }
  if (Node* found = find(key)) return *found;
  entries_.push_back({std::string(key), where, Node{}});
  entries_.back().value.where_ = where;
  return entries_.back().value;
}

void Node::erase(std::string_view key) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
}

void Node::merge(const Node& over) {
  if (!is_map() || !over.is_map()) {
    *this = over;
    return;
  }
  for (const Entry& entry : over.entries_) {
    if (Node* mine = find(entry.key)) {
      mine->merge(entry.value);
    } else {
      entries_.push_back(entry);
    }
  }
}

namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  std::string best;
  size_t least = std::max<size_t>(2, name.size() / 2) + 1;
  for (const std::string& candidate : candidates) {
    size_t distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  std::string best = nearest(name, candidates);
  return best.empty() ? "" : fmt::format(" (did you mean '{}'?)", best);
}

}  // namespace vesper
