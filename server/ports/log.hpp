#pragma once
/// @file log.hpp
/// One line an event, for the operator. Callers never pass a signature, a token, a secret, an address or a mail's text; what
/// they quote of others goes under the name "reason", and the adapter redacts it.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace waxseal::server {

enum class LogLevel { debug, info, warning, error };

/// A named value of a log line. Values may come from clients: the adapter escapes control characters.
struct LogField {
  std::string_view name;
  std::string value;
};

class Log {
 public:
  virtual ~Log() = default;
  /// @param event  A fixed phrase, e.g. "mail sent". Any thread; never throws; never blocks on a slow disk for long.
  virtual void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) = 0;
};

}  // namespace waxseal::server
