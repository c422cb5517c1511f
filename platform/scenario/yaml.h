/// YAML files as Node trees, with includes merged and `--set` overrides applied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/property/node.h"

namespace vesper::scenario {

/// Reads a file; its `include:` (a path or a list of them, relative to the file or to the scenarios that come
/// with Vesper) is merged below it, later keys winning. Throws InputError naming file:line:column on a
/// missing file, bad YAML, a repeated key or a cyclic include.
Node load_yaml(const std::string& path);
/// The same of a file that `wanted_at` names, which errors about reading it point at.
Node load_yaml(const std::string& path, const Location& wanted_at);

/// Parses text that was not read from a file; `origin` names it in errors.
Node parse_yaml(const std::string& text, const std::string& origin);

/// Applies `a.b.c=value` to the tree. A step in a list is an index or the item's `name`; a key that has dots
/// itself is found as a whole.
void apply_override(Node& root, const std::string& assignment);

/// Puts `value` at a path like that of an override. `where` says where the path was written.
void set_value(Node& root, std::string_view path, Node value, const Location& where);

/// The tree as YAML text, the same bytes for the same tree.
std::string to_yaml(const Node& node);

/// `path` as it stands in the file that `where` names: relative paths are relative to that file's folder or,
/// where that has none of that name, to the scenarios that come with Vesper.
std::string resolve_path(const std::string& path, const Location& where);

}  // namespace vesper::scenario
