#include "tests/support/command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace vesper::test {
namespace fs = std::filesystem;

CommandResult run_vesper(const std::vector<std::string>& arguments, const fs::path& folder) {
  return run_program(VESPER_COMMAND, arguments, folder);
}

CommandResult run_program(const std::string& program, const std::vector<std::string>& arguments,
                          const fs::path& folder) {
  TemporaryFolder temporary;
  std::string out = temporary / "out";
  std::string err = temporary / "err";
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = fork();
  if (child == 0) {
    int out_file = open(out.c_str(), O_CREAT | O_WRONLY, 0600);
    int err_file = open(err.c_str(), O_CREAT | O_WRONLY, 0600);
    dup2(out_file, STDOUT_FILENO);
    dup2(err_file, STDERR_FILENO);
    if (chdir(folder.c_str()) == 0) execv(program.c_str(), argv.data());
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) throw std::runtime_error("cannot run " + program);
  CommandResult result{WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
  if (!WIFEXITED(status)) throw std::runtime_error(program + " was killed by a signal: " + result.err);
  return result;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "vesper-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

nlohmann::json read_summary(const fs::path& folder) {
  return nlohmann::json::parse(read_file(folder / "summary.json"));
}

namespace {
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
  if (line.ends_with(',')) fields.emplace_back();
  return fields;
}
}  // namespace

std::vector<std::map<std::string, std::string>> read_csv(const fs::path& path) {
  std::istringstream in(read_file(path));
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> columns = split(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(in, line)) {
    std::vector<std::string> fields = split(line);
    if (fields.size() != columns.size())
      throw std::runtime_error(path.string() + ": not as many fields as columns: " + line);
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < columns.size(); ++i) row[columns[i]] = fields[i];
  }
  return rows;
}

int64_t picoseconds(const std::string& seconds) {
  size_t dot = seconds.find('.');
  std::string whole = seconds.substr(0, dot);
  std::string fraction = dot == std::string::npos ? "" : seconds.substr(dot + 1);
  if (fraction.size() > 12) throw std::runtime_error("more than twelve decimals: " + seconds);
  fraction.resize(12, '0');
  return std::stoll(whole) * 1'000'000'000'000 + std::stoll(fraction);
}

std::vector<std::string> shipped_scenarios() {
  std::vector<std::string> paths;
  fs::path root = VESPER_SOURCE_DIR;
  for (const auto& entry : fs::recursive_directory_iterator(root / "scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    std::string text = read_file(entry.path());
    bool titled = text.starts_with("scenario:") || text.find("\nscenario:") != std::string::npos;
    if (titled) paths.push_back(fs::relative(entry.path(), root).string());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace vesper::test
