#include "adapters/system/buffered_sink.hpp"

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace waxseal::server {
namespace {

constexpr std::chrono::milliseconds longest_wait{20};
constexpr std::size_t most_waiting_bytes = 1 << 20;

/// What the descriptor does not take is nobody's to read: a log has no log.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

BufferedSink::~BufferedSink() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  flush_();
}

/// Holding the lock, as `flush_` does.
void BufferedSink::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  const bool first = waiting_.empty();
  waiting_.append(line.data(), line.size());
  const bool at_once = message.level >= spdlog::level::warn || waiting_.size() >= most_waiting_bytes ||
                       std::chrono::steady_clock::now() - written_at_ >= longest_wait;
  if (at_once) {
    flush_();
  } else if (first) {
    changed_.notify_one();
  }
}

void BufferedSink::flush_() {
  write_all(descriptor_, waiting_);
  waiting_.clear();
  written_at_ = std::chrono::steady_clock::now();
}

void BufferedSink::keep_writing() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    changed_.wait_for(lock, longest_wait, [&] { return stopping_; });
    if (!waiting_.empty()) flush_();
  }
}

}  // namespace waxseal::server
