#pragma once
/// @file message.hpp
/// A request and an answer as values, without a socket: what routes take and give.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <waxseal/error.hpp>

#include "http/request_source.hpp"

namespace waxseal::server {

/// A body longer than this is refused with 413. Bytes.
inline constexpr std::size_t max_body_bytes = 65536;

struct HttpRequest {
  std::string method;                          ///< Upper case.
  std::string path;                            ///< Decoded, without the query.
  std::map<std::string, std::string> headers;  ///< Names in lower case; the first value of a repeated one.
  std::set<std::string> repeated_headers;      ///< Names, in lower case, of those that stand more than once.
  RequestSource source;
  std::string body;              ///< At most `max_body_bytes`.
  bool body_too_large = false;   ///< The body was longer; `body` is empty.
  bool body_incomplete = false;  ///< The body ended too early or could not be decoded; `body` is empty.
  std::optional<std::vector<std::pair<std::string, std::string>>> multipart;  ///< Fields of a multipart/form-data body.
  std::string request_id;                                                     ///< Fit for a header and a log.
  std::vector<std::string> path_values;  ///< What stood for the `{…}` of the route.

  std::optional<std::string_view> header(const std::string& lower_case_name) const {
    const auto place = headers.find(lower_case_name);
    return place != headers.end() ? std::optional<std::string_view>{place->second} : std::nullopt;
  }
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;  ///< Besides those of every answer.
  std::optional<ErrorCode> code;                             ///< For the log.
  std::string route;       ///< The pattern that matched, for the log; empty if none did.
  std::string log_detail;  ///< Why, for the log. Never sent.

  void set_header(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
  bool has_header(std::string_view name) const {
    for (const auto& [existing, value] : headers) {
      if (existing == name) return true;
    }
    return false;
  }
};

}  // namespace waxseal::server
