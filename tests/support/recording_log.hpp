#pragma once
/// @file recording_log.hpp
/// A log that keeps its lines, so that a test can read them. At its end they go to the logs that tools/scan_logs looks through.

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "ports/log.hpp"

namespace waxseal::test {

class RecordingLog final : public server::Log {
 public:
  ~RecordingLog() override {
    const char* const folder = std::getenv("SERVER_LOGS");
    if (folder == nullptr || lines_.empty()) return;
    std::ofstream{std::string{folder} + "/" + std::to_string(getpid()) + ".log", std::ios::app} << all();
  }
  void write(server::LogLevel, std::string_view event, std::initializer_list<server::LogField> fields) override {
    std::string line{event};
    for (const server::LogField& field : fields) line.append(" ").append(field.name).append("=").append(field.value);
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }
  std::string all() const {
    std::string text;
    for (const std::string& line : lines()) text.append(line).append("\n");
    return text;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace waxseal::test
