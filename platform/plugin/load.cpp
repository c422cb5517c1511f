#include "platform/plugin/load.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <list>
#include <map>

#include "models/core/registry.h"
#include "platform/plugin/crash.h"
#include "platform/plugin/note_reader.h"
#include "schedulers/policy/policy.h"

namespace vesper::plugin {
namespace {

struct Plugin {
  std::string shown;     ///< as the scenario names it
  std::string resolved;  ///< as the loader does
};

std::list<Plugin>& plugins() {
  static std::list<Plugin> all;
  return all;
}

std::map<std::string, std::string>& origin_of_policies() {
  static std::map<std::string, std::string> origins;
  return origins;
}

[[noreturn]] void refuse(const std::string& path, const Location& where, const std::string& why) {
  throw InputError(where, fmt::format("cannot load the plug-in '{}': {}", path, why));
}

void check_note(const std::string& file, const std::string& path, const Location& where) {
  Identity theirs;
  switch (read_note(file, theirs)) {
    case NoteFound::no_library:
      return;  // the loader knows the words
    case NoteFound::cut_off:
      refuse(path, where, "the file ends before what it says it holds");
    case NoteFound::no_note:
      refuse(path, where, "it is a library, but no plug-in of Vesper; build it with vesper_add_plugin");
    case NoteFound::found:
      break;
  }
  const std::string why = mismatch(theirs);
  if (!why.empty()) refuse(path, where, why + "; build it again against this one");
}

/// Policies registered since `before` was the first.
std::string enter_policies(const policy::PolicyInfo* before, const std::string& path) {
  for (const policy::PolicyInfo* info = policy::first_policy(); info != before; info = info->next) {
    for (const policy::PolicyInfo* other = info->next; other != nullptr; other = other->next) {
      if (std::strcmp(other->name, info->name) == 0)
        return fmt::format("there is a policy '{}' already", info->name);
    }
    origin_of_policies()[info->name] = path;
  }
  return "";
}

/// Runs the library's initialisers; the reason why not, or empty.
std::string open(const std::string& file, void*& handle) {
  try {
    handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    return handle != nullptr ? "" : dlerror();
  } catch (const std::exception& error) {
    return fmt::format("it throws while it is loaded: {}", error.what());
  } catch (...) {
    return "it throws while it is loaded";
  }
}

}  // namespace

void load(const std::string& path, const Location& where) {
  // dlopen searches the system's folders for a bare name; a scenario means the file beside it.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  std::error_code missing;
  const std::string resolved = std::filesystem::canonical(file, missing).string();
  if (std::ranges::find(plugins(), resolved, &Plugin::resolved) != plugins().end()) return;
  check_note(file, path, where);
  plugins().push_back({path, resolved});  // known before its initialisers run: they may crash
  tell_crashes();
  const policy::PolicyInfo* before = policy::first_policy();
  core::IpRegistry& registry = core::IpRegistry::instance();
  registry.begin_plugin(path);
  void* handle = nullptr;
  std::string why = open(file, handle);
  const std::string clash = registry.end_plugin();
  if (why.empty()) why = clash;
  if (why.empty()) why = enter_policies(before, path);
  if (!why.empty()) {
    plugins().pop_back();
    refuse(path, where, why);
  }
}

std::string origin_of_ip(const std::string& type) {
  const core::IpFactory* factory = core::IpRegistry::instance().find(type);
  return factory == nullptr ? "" : factory->plugin;
}

std::string origin_of_policy(const std::string& name) {
  auto it = origin_of_policies().find(name);
  return it == origin_of_policies().end() ? "" : it->second;
}

std::string of_plugin(const std::string& origin) {
  return origin.empty() ? "" : fmt::format(" of plug-in {}", origin);
}

const char* plugin_at(const void* address) {
  Dl_info info{};
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return nullptr;
  std::array<char, 4096> resolved{};
  const char* file = realpath(info.dli_fname, resolved.data()) != nullptr ? resolved.data() : info.dli_fname;
  for (const Plugin& plugin : plugins()) {
    if (plugin.resolved == file) return plugin.shown.c_str();
  }
  return nullptr;
}

}  // namespace vesper::plugin
