#pragma once
/// @file spdlog_log.hpp
/// Log lines on standard error, as text (`event key=value`) or one JSON object a line.

#include <memory>
#include <string>

#include "ports/log.hpp"

namespace spdlog {
class logger;
}

namespace waxseal::server {

enum class LogFormat { text, json };

class SpdlogLog final : public Log {
 public:
  SpdlogLog(LogLevel least, LogFormat format);
  ~SpdlogLog() override;
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override;

 private:
  std::shared_ptr<spdlog::logger> logger_;
  LogFormat format_;
};

}  // namespace waxseal::server
