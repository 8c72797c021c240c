#include "config/check_server.hpp"

namespace waxseal::server {
namespace {

/// `host:port`, the host without spaces and not empty.
bool is_listen_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size() || text.size() - colon > 6) return false;
  const std::string port = text.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoi(port) <= 65535 && text.find(' ') == std::string::npos;
}

void check_admin_listener(const Settings::Server& server, Checker& check) {
  const std::string& listen = server.admin_listen;
  if (listen.empty()) return;
  if (!is_listen_address(listen)) {
    check.error("server.admin_listen", "must be ADDRESS:PORT, e.g. \"127.0.0.1:9090\"");
  } else if (listen == server.listen && listen.substr(listen.rfind(':')) != ":0") {
    check.error("server.admin_listen", "is server.listen, too: give it a port of its own");
  } else if (!is_loopback(listen)) {
    check.warning("server.admin_listen",
                  "can be reached from other machines, and needs no login: only for a network of your own");
  }
}

}  // namespace

std::size_t web_scheme_length(const std::string& url) {
  const std::size_t length = url.rfind("https://", 0) == 0 ? 8 : url.rfind("http://", 0) == 0 ? 7 : 0;
  return length > 0 && url.size() > length && url[length] != '/' ? length : 0;
}

bool is_origin(const std::string& text) {
  const std::size_t scheme = web_scheme_length(text);
  // Browsers write origins in lower case: another spelling would never match.
  return scheme > 0 && text.find_first_of("/?#*@ ", scheme) == std::string::npos && text == ascii_lower(text);
}

bool is_loopback(const std::string& listen) {
  for (const char* start : {"127.", "localhost:", "[::1]:"}) {
    if (listen.rfind(start, 0) == 0) return true;
  }
  return false;
}

void check_server(const Settings& settings, Checker& check) {
  const auto& server = settings.server;
  if (!is_listen_address(server.listen)) check.error("server.listen", "must be ADDRESS:PORT, e.g. \"127.0.0.1:8080\"");
  check_admin_listener(server, check);
  const std::string& base = server.base_path;
  if (base.empty() || base.front() != '/' || (base.size() > 1 && base.back() == '/') ||
      base.find_first_of("?# ") != std::string::npos) {
    check.error("server.base_path", "must start with / and not end with one, e.g. \"/api/v1/accounts\"");
  }
  for (const std::string& origin : server.cors_origins) {
    if (!is_origin(origin)) {
      check.error(
          "server.cors_origins",
          "\"" + origin +
              "\" is no origin; allowed: scheme and host in lower case, e.g. \"https://app.example\", never \"*\"");
    }
  }
}

}  // namespace waxseal::server
