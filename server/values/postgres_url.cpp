#include "values/postgres_url.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace waxseal::server {
namespace {

using ParsedOptions = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

/// What we want of each connection unless the URL says otherwise. Seconds, but for the last: milliseconds.
constexpr std::pair<const char*, const char*> defaults[] = {
    {"connect_timeout", "3"},      {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},  {"keepalives_count", "2"},
    {"tcp_user_timeout", "10000"}, {"fallback_application_name", "waxseal"},
    {"client_encoding", "UTF8"},   {"target_session_attrs", "read-write"}};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (true) {
    const std::size_t comma = list.find(',', start);
    parts.push_back(list.substr(start, comma - start));
    if (comma == std::string::npos) return parts;
    start = comma + 1;
  }
}

/// A socket's folder, the default socket, or an address of this machine.
bool is_local(const std::string& host) {
  return host.empty() || host.front() == '/' || host.front() == '@' || host == "localhost" || host == "::1" ||
         host.rfind("127.", 0) == 0;
}

/// As libpq reads it again: in quotes, with a backslash before each quote and backslash.
std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

/// The parameter that libpq does not know, if that is what it says. It quotes the URL in other cases, and with it a password.
std::string words_of(const char* message) {
  const std::string text = message != nullptr ? message : "";
  const std::string known = "invalid URI query parameter: ";
  if (text.rfind(known, 0) != 0) return "it is not a PostgreSQL URL";
  return "PostgreSQL knows no parameter " + text.substr(known.size(), text.find('\n') - known.size());
}

}  // namespace

Result<PostgresUrl> PostgresUrl::parse(std::string_view url) {
  const auto refuse = [](const std::string& words) { return fail(ErrorCode::invalid_fields, words); };
  if (url.find('\0') != std::string_view::npos) return refuse("it is not a PostgreSQL URL");
  char* message = nullptr;
  const ParsedOptions parsed{PQconninfoParse(std::string{url}.c_str(), &message), &PQconninfoFree};
  const std::unique_ptr<char, decltype(&PQfreemem)> freed{message, &PQfreemem};
  if (!parsed) return refuse(words_of(message));

  PostgresUrl read;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) read.options_[option->keyword] = option->val;
  }
  if (read.option("dbname", "").empty()) return refuse("it names no database: postgresql://host/DATABASE");
  read.hosts_ = split(read.option("hostaddr", read.option("host", "").c_str()));
  return read;
}

std::string PostgresUrl::option(const char* keyword, const char* otherwise) const {
  const auto place = options_.find(keyword);
  return place != options_.end() ? place->second : otherwise;
}

bool PostgresUrl::is_remote() const { return !std::all_of(hosts_.begin(), hosts_.end(), is_local); }

std::string PostgresUrl::tls_mode() const { return is_remote() ? option("sslmode", "verify-full") : ""; }

std::string PostgresUrl::connection_string() const {
  std::map<std::string, std::string> all = options_;
  for (const auto& [keyword, value] : defaults) all.try_emplace(keyword, value);
  if (is_remote()) all.try_emplace("sslmode", "verify-full");
  std::string text;
  for (const auto& [keyword, value] : all) text += (text.empty() ? "" : " ") + keyword + "=" + quoted(value);
  return text;
}

std::string PostgresUrl::place() const {
  const std::vector<std::string> ports = split(option("port", "5432"));
  std::string text;
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const std::string& port = ports[std::min(i, ports.size() - 1)];
    text += (i == 0 ? "" : ",") + (hosts_[i].empty() ? "local" : hosts_[i]) + ":" + (port.empty() ? "5432" : port);
  }
  return text + "/" + option("dbname", "");
}

}  // namespace waxseal::server
