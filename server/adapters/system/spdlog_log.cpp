#include "adapters/system/spdlog_log.hpp"

#include <unistd.h>

#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include <waxseal/bytes.hpp>

#include "adapters/system/buffered_sink.hpp"
#include "ports/redact.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t max_value_bytes = 512;  // a client must not be able to fill the disk with one line

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: break;
  }
  return spdlog::level::err;
}

/// Escapes what JSON leaves alone and terminals obey: DEL, and the control characters from U+0080 to U+009F.
/// @param json  Valid UTF-8.
std::string without_terminal_controls(const std::string& json) {
  constexpr unsigned char del = 0x7f, lead_of_c1 = 0xc2, last_of_c1 = 0x9f;
  std::string escaped;
  for (std::size_t i = 0; i < json.size(); ++i) {
    auto c = static_cast<unsigned char>(json[i]);
    const bool is_c1 = c == lead_of_c1 && i + 1 < json.size() && static_cast<unsigned char>(json[i + 1]) <= last_of_c1;
    if (c != del && !is_c1) {
      escaped += json[i];
      continue;
    }
    if (is_c1) c = static_cast<unsigned char>(json[++i]);
    escaped += "\\u00" + encode_hex(ByteArray<1>{c});
  }
  return escaped;
}

/// A JSON string: control characters escaped, bytes that are not UTF-8 replaced.
std::string json_text(std::string_view text) {
  return without_terminal_controls(
      nlohmann::json(text.substr(0, max_value_bytes)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

/// A reason may be the words of others: of a database that quotes a row, of a library, of the site's own code.
std::string shown(const LogField& field) { return field.name == "reason" ? redact(field.value) : field.value; }

std::string text_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line{event};
  for (const LogField& field : fields) {
    const std::string value = shown(field);
    const bool plain = !value.empty() && value.size() <= max_value_bytes &&
                       value.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                           "-._~/:@+") == std::string::npos;
    line.append(" ").append(field.name).append("=").append(plain ? value : json_text(value));
  }
  return line;
}

std::string json_members(std::string_view event, std::initializer_list<LogField> fields) {
  std::string members = "\"event\":" + json_text(event);
  for (const LogField& field : fields) members += "," + json_text(field.name) + ":" + json_text(shown(field));
  return members;
}

}  // namespace

SpdlogLog::SpdlogLog(LogLevel least, LogFormat format)
    : logger_(std::make_shared<spdlog::logger>("waxseal", std::make_shared<BufferedSink>(STDERR_FILENO))),
      format_(format) {
  logger_->set_level(spdlog_level(least));
  logger_->set_pattern(format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                                 : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v",
                       spdlog::pattern_time_type::utc);
}

SpdlogLog::~SpdlogLog() = default;

void SpdlogLog::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!logger_->should_log(spdlog_level(level))) return;
  logger_->log(spdlog_level(level),
               format_ == LogFormat::json ? json_members(event, fields) : text_line(event, fields));
}

}  // namespace waxseal::server
