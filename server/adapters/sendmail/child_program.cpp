#include "adapters/sendmail/child_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

extern "C" {  // glibc 2.36 leaves it out of its header
#include <sys/pidfd.h>
}

extern char** environ;

namespace waxseal::server {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t most_output_bytes = 2000;
constexpr std::chrono::milliseconds look_at_stop_every{100};

class File {
 public:
  explicit File(int number) : number_(number) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  int number() const { return number_; }

 private:
  int number_;
};

/// A file in memory: unlike a pipe it blocks nobody and kills nobody when the program does not read it. Negative: errno.
int file_with(const std::string& bytes) {
  const int file = memfd_create("message", MFD_CLOEXEC);
  if (file < 0) return -errno;
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t count = write(file, bytes.data() + written, bytes.size() - written);
    if (count < 0) {
      const int error = errno;
      ::close(file);
      return -error;
    }
    written += static_cast<std::size_t>(count);
  }
  lseek(file, 0, SEEK_SET);
  return file;
}

/// Pointers to the strings, with a null at the end, as exec wants them.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_without_ours() {
  std::vector<std::string> kept;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::string_view{*variable}.rfind("WAXSEAL_", 0) != 0) kept.emplace_back(*variable);
  }
  return kept;
}

/// Starts the program in a process group of its own. Negative: errno.
pid_t spawn(std::vector<std::string> arguments, int input, int output) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);  // not every library asks for close-on-exec

  // The server waits for its signals with a mask that a child must not inherit, and ignores SIGPIPE.
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setsigdefault(&how, &defaults);

  std::vector<std::string> environment = environment_without_ours();
  pid_t child = 0;
  const int error = posix_spawn(&child, arguments.front().c_str(), &files, &how, pointers_to(arguments).data(),
                                pointers_to(environment).data());
  posix_spawnattr_destroy(&how);
  posix_spawn_file_actions_destroy(&files);
  return error == 0 ? child : -error;
}

/// Takes what there is to read; keeps the start of it.
void read_some(int file, std::string& output) {
  std::array<char, 4096> buffer;
  for (ssize_t count = 1; count > 0;) {
    count = read(file, buffer.data(), buffer.size());
    if (count > 0)
      output.append(buffer.data(),
                    std::min<std::size_t>(static_cast<std::size_t>(count), most_output_bytes - output.size()));
  }
}

/// Waits for the end of a child. Nothing: it ended by itself. Otherwise why it must be ended.
std::optional<ChildOutcome::How> watch(const ChildProgram& program, const std::atomic<bool>& stopping, int child_file,
                                       int output_file, std::string& output) {
  const Clock::time_point deadline = Clock::now() + program.time_limit;
  std::optional<Clock::time_point> stop_seen;
  std::array<pollfd, 2> files{pollfd{child_file, POLLIN, 0}, pollfd{output_file, POLLIN, 0}};
  while (true) {
    poll(files.data(), files.size(), static_cast<int>(look_at_stop_every.count()));
    if (files[1].revents != 0) read_some(output_file, output);
    if ((files[1].revents & POLLHUP) != 0) files[1].fd = -1;  // it closed its outputs: ask no more
    if (files[0].revents != 0) return std::nullopt;
    const Clock::time_point now = Clock::now();
    if (now >= deadline) return ChildOutcome::How::timed_out;
    if (stopping && !stop_seen) stop_seen = now;
    if (stop_seen && now - *stop_seen >= program.grace_at_stop) return ChildOutcome::How::stopped;
  }
}

}  // namespace

ChildOutcome run_child(const ChildProgram& program, const std::atomic<bool>& stopping) {
  const auto not_started = [](int error) { return ChildOutcome{ChildOutcome::How::not_started, error, {}}; };
  const File input{file_with(program.input)};
  if (input.number() < 0) return not_started(-input.number());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return not_started(errno);
  const File reading{ends[0]};
  File writing{ends[1]};
  fcntl(reading.number(), F_SETFL, O_NONBLOCK);

  const pid_t child = spawn(program.arguments, input.number(), writing.number());
  if (child < 0) return not_started(-child);
  writing.close();
  ChildOutcome outcome;
  const File child_file{pidfd_open(child, 0)};
  const auto to_be_ended = watch(program, stopping, child_file.number(), reading.number(), outcome.output);
  if (to_be_ended) kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  read_some(reading.number(), outcome.output);
  outcome.how = to_be_ended         ? *to_be_ended
                : WIFEXITED(status) ? ChildOutcome::How::exited
                                    : ChildOutcome::How::signalled;
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return outcome;
}

}  // namespace waxseal::server
