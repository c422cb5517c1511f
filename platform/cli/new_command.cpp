#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "models/core/registry.h"
#include "platform/cli/commands.h"
#include "platform/plugin/installation.h"
#include "platform/property/node.h"
#include "platform/scenario/policy_choices.h"

namespace vesper::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsage = "usage: vesper new ip|policy NAME";
constexpr size_t kLongestName = 31;  // abi::BootInfo::policy

/// What the templates call the new thing.
constexpr std::string_view kName = "skeleton";
constexpr std::string_view kClass = "Skeleton";

bool means_something_else(const std::string& name) {
  // Of C++, and targets that CMake has by itself.
  static const std::vector<std::string> taken{"alignas",
                                              "alignof",
                                              "all",
                                              "and",
                                              "and_eq",
                                              "asm",
                                              "auto",
                                              "bitand",
                                              "bitor",
                                              "bool",
                                              "break",
                                              "case",
                                              "catch",
                                              "char",
                                              "class",
                                              "clean",
                                              "co_await",
                                              "co_return",
                                              "co_yield",
                                              "compl",
                                              "concept",
                                              "const",
                                              "consteval",
                                              "constexpr",
                                              "constinit",
                                              "continue",
                                              "decltype",
                                              "default",
                                              "delete",
                                              "depend",
                                              "do",
                                              "double",
                                              "edit_cache",
                                              "else",
                                              "enum",
                                              "explicit",
                                              "export",
                                              "extern",
                                              "false",
                                              "float",
                                              "for",
                                              "friend",
                                              "goto",
                                              "help",
                                              "if",
                                              "inline",
                                              "install",
                                              "int",
                                              "long",
                                              "mutable",
                                              "namespace",
                                              "new",
                                              "noexcept",
                                              "not",
                                              "not_eq",
                                              "nullptr",
                                              "operator",
                                              "or",
                                              "or_eq",
                                              "package",
                                              "package_source",
                                              "private",
                                              "protected",
                                              "public",
                                              "rebuild_cache",
                                              "register",
                                              "requires",
                                              "return",
                                              "short",
                                              "signed",
                                              "sizeof",
                                              "static",
                                              "struct",
                                              "switch",
                                              "template",
                                              "test",
                                              "this",
                                              "throw",
                                              "true",
                                              "try",
                                              "typedef",
                                              "typeid",
                                              "typename",
                                              "union",
                                              "unsigned",
                                              "using",
                                              "vesper",
                                              "virtual",
                                              "void",
                                              "volatile",
                                              "while",
                                              "xor",
                                              "xor_eq"};
  return std::ranges::find(taken, name) != taken.end();
}

void check_name(const std::string& name) {
  const bool letters = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  const bool well_formed = letters && !name.empty() && name.size() <= kLongestName && name[0] >= 'a' &&
                           name.back() != '_' && name.find("__") == std::string::npos;
  if (!well_formed) {
    throw InputError(
        fmt::format("'{}' is no name: write lower-case letters, digits and single underscores, a letter "
                    "first, at most {} characters, as vector_add",
                    name, kLongestName));
  }
  if (means_something_else(name))
    throw InputError(fmt::format("'{}' means something else in C++ or CMake; choose another name", name));
}

void check_ip(const std::string& name) {
  if (core::IpRegistry::instance().find(name) != nullptr)
    throw InputError(fmt::format("there is an IP type '{}' already; choose another name", name));
}

void check_policy(const std::string& name) {
  if (policy::find_choice(name))
    throw InputError(fmt::format("there is a policy '{}' already; choose another name", name));
}

struct Kind {
  const char* name;
  void (*check)(const std::string& name);
};
constexpr Kind kKinds[] = {{"ip", check_ip}, {"policy", check_policy}};

std::string class_name(const std::string& name) {
  std::string out;
  bool upper = true;
  for (char c : name) {
    if (c != '_') out += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return out;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw std::runtime_error(fmt::format("cannot read {}", file.string()));
  return text.str();
}

/// A folder that comes to its place whole, or not at all.
class NewFolder {
 public:
  explicit NewFolder(fs::path place) : place_(std::move(place)) {
    std::string pattern = "." + place_.string() + ".XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr)
      throw InputError(fmt::format("cannot write here: {}", std::strerror(errno)));
    partial_ = pattern;
    fs::permissions(partial_, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                  fs::perms::others_read | fs::perms::others_exec);
  }
  ~NewFolder() {
    std::error_code ignored;
    if (!partial_.empty()) fs::remove_all(partial_, ignored);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  void write(const std::string& name, const std::string& text) {
    std::ofstream out(partial_ / name, std::ios::binary);
    out << text;
    if (!out.flush())
      throw std::runtime_error(
          fmt::format("cannot write {}: {}", (place_ / name).string(), std::strerror(errno)));
  }
  void commit() {
    if (renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, place_.c_str(), RENAME_NOREPLACE) != 0)
      throw InputError(fmt::format("cannot make '{}': {}", place_.string(), std::strerror(errno)));
    partial_.clear();
  }

 private:
  fs::path place_;
  fs::path partial_;
};

std::vector<std::string> write_skeleton(const std::string& kind, const std::string& name) {
  const std::string templates = plugin::shared_file("templates/" + kind);
  if (templates.empty()) throw std::runtime_error("the templates that come with Vesper are not installed");
  NewFolder folder(name);
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(templates)) {
    if (!entry.is_regular_file()) continue;
    files.push_back(replaced(entry.path().filename().string(), kName, name));
    folder.write(files.back(), replaced(replaced(read(entry.path()), kName, name), kClass, class_name(name)));
  }
  folder.commit();
  std::ranges::sort(files);
  return files;
}

int make_new(const Arguments& arguments) {
  if (std::ranges::any_of(arguments,
                          [](const std::string& word) { return word == "--help" || word == "-h"; })) {
    fmt::print(
        "{}\n\nWrites a plug-in that compiles, with its test and a scenario, into the new folder NAME.\n",
        kUsage);
    return kDone;
  }
  if (arguments.size() != 2) throw InputError(fmt::format("new takes two words; {}", kUsage));
  const auto* kind = std::ranges::find(kKinds, arguments[0], &Kind::name);
  if (kind == std::end(kKinds))
    throw InputError(fmt::format("there is nothing to write for '{}'; {}", arguments[0], kUsage));
  const std::string& name = arguments[1];
  check_name(name);
  kind->check(name);
  std::error_code missing;
  if (fs::exists(fs::symlink_status(name, missing)))
    throw InputError(fmt::format("'{}' is there already; choose another name, or remove it", name));
  const std::vector<std::string> files = write_skeleton(kind->name, name);
  fmt::print("written   {}/ ({})\n", name, fmt::join(files, ", "));
  fmt::print("build     cmake -S {0} -B {0}/build && cmake --build {0}/build\n", name);
  fmt::print("test      ctest --test-dir {}/build\n", name);
  fmt::print("run       vesper run {0}/{0}.yaml\n", name);
  return kDone;
}

const Command command{"new", "write the skeleton of a plug-in: an IP or a policy", make_new};

}  // namespace
}  // namespace vesper::cli
