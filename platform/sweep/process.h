/// Work in processes of its own, and programs of the system.
#pragma once

#include <sys/types.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace vesper::sweep {

/// A process ended by a signal before it gave its answer.
class Killed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The answer of `work`, done in a child process that ends with this one. An exception of `work` is thrown
/// here: InputError as that, any other as std::runtime_error. Throws Killed when a signal ended the child.
std::string in_child(const std::function<std::string()>& work);

/// A new process; 0 in it. Throws std::runtime_error when there can be none.
pid_t fork_process();
/// Waits for the end of a child; its wait status.
int wait_for(pid_t child);

/// Ends this process when its parent ends, as soon as that. To be called in a child, with the id of its
/// parent.
void end_with_parent(int parent);

/// The outcome of work as bytes that another process reads: an answer, or a kind of exception and its words.
std::string guarded_answer(const std::function<std::string()>& work);
/// The answer of those bytes; throws what they say.
std::string answer_of(const std::string& bytes);

struct ProgramResult {
  int status = -1;  ///< exit status; 127 when the program was not found
  std::string out;
  std::string err;
};

/// Runs a program found by PATH, its input empty.
ProgramResult run_program(const std::vector<std::string>& arguments, const std::string& folder = ".");

/// Whether PATH has the program.
bool has_program(const std::string& name);

}  // namespace vesper::sweep
