/// A sweep as a Slurm job array: an element a shard. Slurm places, runs and accounts for the elements; here
/// they are submitted, watched and merged.
///
/// A shard is done when its journal has all its points, whatever Slurm says of its element. An element that
/// ended without is put back by `scontrol requeue`, or submitted anew when Slurm does not know it any more,
/// kMostTries times in all; one that was cancelled ends the watch. Which job computes which shard stands in
/// slurm/jobs of the sweep's folder, so that a watch that was ended goes on when it is started again.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "platform/property/schema.h"
#include "platform/scenario/scenario.h"
#include "platform/sweep/launcher.h"
#include "platform/sweep/process.h"
#include "platform/sweep/sweep_progress.h"

namespace vesper::sweep {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMostTries = 4;
constexpr auto kBetweenQuestions = std::chrono::seconds(2);
/// Questions until an element that Slurm calls ended is believed to have left no more: shared file systems
/// show what others wrote a little late.
constexpr unsigned kPatience = 5;

std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

struct Element {
  std::string job;  ///< array job's id; empty: not submitted
  unsigned tries = 0;
  unsigned patience = 0;
  uint64_t done = 0;  ///< points in its journal
};

class SlurmArray {
 public:
  explicit SlurmArray(const LaunchRequest& request)
      : request_(request), folder_(fs::absolute(request.folder)), control_(folder_ / "slurm") {
    fs::create_directories(control_);
    fs::create_directories(folder_ / "shards");
    elements_.resize(request.shards + 1);
  }

  std::optional<Rows> run() {
    read_jobs();
    write_script();
    count_points();
    SweepProgress progress(request_.key.points, points_done());
    std::set<uint64_t> left = incomplete();
    submit_missing(left);
    while (!left.empty()) {
      if (!pause()) {
        progress.finish();
        request_.tell("the jobs go on in Slurm; the same command watches them again");
        return std::nullopt;
      }
      // Asked first: what an element that has ended leaves is counted then.
      std::map<uint64_t, std::string> states = ask(left);
      count_points();
      progress.update(points_done());
      left = incomplete();
      if (!reachable_) continue;
      for (uint64_t shard : left) attend(shard, states);
    }
    progress.finish();
    return merged();
  }

 private:
  [[nodiscard]] fs::path shard_folder(uint64_t shard) const {
    return folder_ / "shards" / std::to_string(shard);
  }
  [[nodiscard]] Shard shard_of(uint64_t number) const { return {number, request_.shards}; }

  /// Reads how far the shards are; one that is complete is not read again.
  void count_points() {
    for (uint64_t shard = 1; shard <= request_.shards; ++shard) {
      if (!complete(shard)) elements_[shard].done = journal_length(shard_folder(shard));
    }
  }
  [[nodiscard]] bool complete(uint64_t shard) const {
    return elements_[shard].done >= shard_of(shard).size(request_.key.points);
  }

  [[nodiscard]] uint64_t points_done() const {
    uint64_t done = 0;
    for (const Element& element : elements_) done += element.done;
    return std::min(done, request_.key.points);
  }

  [[nodiscard]] std::set<uint64_t> incomplete() const {
    std::set<uint64_t> left;
    for (uint64_t shard = 1; shard <= request_.shards; ++shard) {
      if (!complete(shard)) left.insert(shard);
    }
    return left;
  }

  /// Lines of jobs: what they belong to, then `JOB SHARD` in order of submission.
  void read_jobs() {
    std::ifstream in(control_ / "jobs");
    std::string key;
    bool same = static_cast<bool>(std::getline(in, key)) && key == jobs_key();
    if (!key.empty() && !same) {
      throw InputError(
          fmt::format("'{}' holds another sweep, or one in other shards; take another folder with "
                      "--out, or remove this one to begin anew",
                      folder_.string()));
    }
    std::string job;
    uint64_t shard = 0;
    while (in >> job >> shard) {
      if (shard >= 1 && shard <= request_.shards) elements_[shard].job = job;
    }
    jobs_.open(control_ / "jobs", std::ios::app);
    if (!same) jobs_ << jobs_key() << std::endl;
  }

  [[nodiscard]] std::string jobs_key() const {
    return fmt::format("sweep {} in {} shards", request_.key.fingerprint, request_.shards);
  }

  void write_script() const {
    std::string script = "#!/bin/sh\nexec";
    for (const std::string& word : request_.command) script += " " + shell_quoted(word);
    script += fmt::format(" --out {}/\"$SLURM_ARRAY_TASK_ID\" --shard \"$SLURM_ARRAY_TASK_ID/{}\"",
                          shell_quoted((folder_ / "shards").string()), request_.shards);
    script += " --jobs \"${SLURM_CPUS_PER_TASK:-1}\"\n";
    std::ofstream out(control_ / "shard.sh");
    out << script;
    if (!out.flush()) throw InputError(fmt::format("cannot write into '{}'", control_.string()));
  }

  void submit_missing(const std::set<uint64_t>& left) {
    std::set<uint64_t> missing;
    for (uint64_t shard : left) {
      if (elements_[shard].job.empty()) missing.insert(shard);
    }
    if (!missing.empty()) submit(missing);
  }

  void submit(const std::set<uint64_t>& shards) {
    std::string array;
    for (uint64_t shard : shards) array += (array.empty() ? "" : ",") + std::to_string(shard);
    if (shards.size() == request_.shards) array = fmt::format("1-{}", request_.shards);
    std::vector<std::string> words{"sbatch",
                                   "--parsable",
                                   "--requeue",
                                   "--array=" + array,
                                   "--job-name=" + scenario::slug(request_.sweep->title),
                                   "--output=" + (control_ / "shard-%a.log").string(),
                                   "--open-mode=append",
                                   "--chdir=" + folder_.string()};
    words.insert(words.end(), request_.batch_options.begin(), request_.batch_options.end());
    words.push_back((control_ / "shard.sh").string());
    ProgramResult result = run_program(words);
    if (result.status == 127)
      throw InputError("there is no sbatch here: --launcher slurm needs Slurm's commands");
    if (result.status != 0) throw std::runtime_error(fmt::format("sbatch failed: {}", trimmed(result.err)));
    std::string job = trimmed(result.out.substr(0, result.out.find(';')));  // JOB or JOB;CLUSTER
    for (uint64_t shard : shards) {
      elements_[shard].job = job;
      jobs_ << job << ' ' << shard << '\n';
    }
    jobs_.flush();
    request_.tell(
        fmt::format("submitted {} of {} shards to Slurm as job {}", shards.size(), request_.shards, job));
  }

  /// False when interrupted.
  [[nodiscard]] bool pause() const {
    auto end = std::chrono::steady_clock::now() + kBetweenQuestions;
    while (std::chrono::steady_clock::now() < end) {
      if (request_.interrupted && request_.interrupted()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return true;
  }

  /// The states of the elements of these shards; those that Slurm has forgotten are left out.
  std::map<uint64_t, std::string> ask(const std::set<uint64_t>& shards) {
    std::set<std::string> jobs;
    for (uint64_t shard : shards) jobs.insert(elements_[shard].job);
    std::map<uint64_t, std::string> states;
    for (const std::string& job : jobs) ask(job, states);
    return states;
  }

  void ask(const std::string& job, std::map<uint64_t, std::string>& states) {
    ProgramResult result =
        run_program({"squeue", "--noheader", "--array", "--states=all", "--jobs=" + job, "--format=%K %T"});
    bool forgotten = result.err.find("Invalid job id") != std::string::npos;
    reachable_ = result.status == 0 || forgotten;
    if (!reachable_) {
      if (!complained_) request_.tell(fmt::format("Slurm does not answer, waiting: {}", trimmed(result.err)));
      complained_ = true;
      return;
    }
    complained_ = false;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      uint64_t shard = 0;
      std::string state;
      bool is_element = static_cast<bool>(words >> shard >> state);
      if (is_element && shard >= 1 && shard <= request_.shards && elements_[shard].job == job)
        states[shard] = state;
    }
  }

  /// An incomplete shard whose element ended is given another try.
  void attend(uint64_t shard, const std::map<uint64_t, std::string>& states) {
    static const std::set<std::string> kEnded{"COMPLETED", "FAILED",   "TIMEOUT",   "NODE_FAIL",
                                              "BOOT_FAIL", "DEADLINE", "PREEMPTED", "OUT_OF_MEMORY"};
    auto found = states.find(shard);
    if (found != states.end() && found->second == "CANCELLED") {
      throw std::runtime_error(
          fmt::format("shard {} of the sweep was cancelled in Slurm (job {}); remove {} to "
                      "submit it again",
                      shard, elements_[shard].job, (control_ / "jobs").string()));
    }
    if (found != states.end() && !kEnded.contains(found->second)) {
      elements_[shard].patience = 0;
      return;
    }
    bool failed = found != states.end() && found->second != "COMPLETED";
    if (!failed && ++elements_[shard].patience < kPatience) return;
    try_again(shard, found == states.end() ? "gone" : found->second);
  }

  void try_again(uint64_t shard, const std::string& state) {
    Element& element = elements_[shard];
    element.patience = 0;
    if (++element.tries >= kMostTries) {
      throw std::runtime_error(fmt::format("shard {} ended {} times without its results ({}): {}", shard,
                                           kMostTries, state, last_words(shard)));
    }
    request_.tell(fmt::format("shard {} ended early ({}): it is requeued", shard, state));
    std::string name = fmt::format("{}_{}", element.job, shard);
    if (run_program({"scontrol", "requeue", name}).status != 0) submit({shard});
  }

  [[nodiscard]] std::string last_words(uint64_t shard) const {
    fs::path path = control_ / fmt::format("shard-{}.log", shard);
    std::ifstream log(path);
    std::string last;
    for (std::string line; std::getline(log, line);) {
      if (!line.empty()) last = line;
    }
    return last.empty() ? fmt::format("see {}", path.string()) : last;
  }

  [[nodiscard]] Rows merged() const {
    std::vector<fs::path> folders;
    for (uint64_t shard = 1; shard <= request_.shards; ++shard) folders.push_back(shard_folder(shard));
    ReadJournal all = merge_journals(folders);
    if (all.key.fingerprint != request_.key.fingerprint)
      throw InputError("the shards were computed from another state of the sweep's files");
    return std::move(all.rows);
  }

  const LaunchRequest& request_;
  fs::path folder_;
  fs::path control_;
  std::vector<Element> elements_;  // by shard, from 1
  std::ofstream jobs_;
  bool reachable_ = true;
  bool complained_ = false;
};

std::optional<Rows> run_on_slurm(const LaunchRequest& request) {
  if (request.key.shard.count > 1)
    throw InputError("--launcher slurm makes shards itself: leave --shard out, --shards says how many");
  if (!has_program("sbatch"))
    throw InputError(
        "there is no sbatch here: --launcher slurm needs Slurm's commands (Debian: slurm-client)");
  return SlurmArray(request).run();
}

const LauncherRegistration registration{
    {"slurm", "a Slurm job array, an element a shard; watched and merged", run_on_slurm}};

}  // namespace
}  // namespace vesper::sweep
