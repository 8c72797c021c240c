#pragma once
/// @file read_request.hpp
/// From cpp-httplib's request to ours: what its end is, its headers, its body.

#include <optional>
#include <string_view>
#include <vector>

#include <httplib.h>

#include "http/message.hpp"
#include "ports/random_source.hpp"

namespace waxseal::server {

/// Why the end of a request cannot be told for sure, or is too far. What was not read of such a request could be taken for
/// the next one of the connection (request smuggling, RFC 9112 section 11.2), so the connection is closed after the answer.
struct FramingProblem {
  ErrorCode code;
  std::string_view detail;
};

/// Where a request ends.
struct Framing {
  std::size_t body_bytes = 0;  ///< After the head.
  bool awaits_go_on = false;   ///< The client sends its body once it was told `100 Continue` (RFC 9110 section 10.1.1).
};

/// Looks at a head as it came, for the library skips lines that it does not understand: every line is `name: value` and ends
/// in CRLF, there is one Host, no Transfer-Encoding, and for a body one Content-Length of at most `max_body_bytes` and a
/// method that may have one.
/// @param head  From the request line to the empty line, both included.
tl::expected<Framing, FramingProblem> framing_of(std::string_view head);

/// Whether the body is to be taken as it came: neither compressed nor in parts.
bool is_plain_body(const httplib::Request& request);

/// Everything but the body. The request id is the one that came, if it is fit for a header and a log, else a new one.
HttpRequest request_of(const httplib::Request& request, RandomSource& random,
                       const std::vector<IpNetwork>& trusted_proxies);

/// Reads the body into `request`. False if it was not read to its end: too long, cut off, or not decodable.
bool read_request_body(const httplib::Request& source, const httplib::ContentReader& reader,
                       httplib::Response& response, HttpRequest& request);

}  // namespace waxseal::server
