#pragma once
/// @file buffered_sink.hpp
/// Log lines gathered and written together, off the way of the requests that cause them. Private to this adapter.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <spdlog/sinks/base_sink.h>

namespace waxseal::server {

/// A line that comes after a moment of silence is written at once, and so is a warning or an error; what follows closely waits
/// 20 ms at most, for company. No line is lost: when more waits than there is room for, whoever logs writes it himself, and
/// waits for the reader of the file as long as that takes. A process that is killed may lose the last 20 ms.
class BufferedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// @param descriptor  Stays open.
  explicit BufferedSink(int descriptor) : descriptor_(descriptor), thread_([this] { keep_writing(); }) {}
  ~BufferedSink() override;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override;
  void keep_writing();

  const int descriptor_;
  std::string waiting_;  ///< Guarded by the base's `mutex_`, like all that follows.
  std::chrono::steady_clock::time_point written_at_{};
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace waxseal::server
