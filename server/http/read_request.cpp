#include "http/read_request.hpp"

#include <algorithm>
#include <cctype>

#include <waxseal/email_address.hpp>

#include "values/text.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t request_id_bytes = 8;
constexpr std::size_t max_request_id_characters = 64;

/// The request ids of a proxy in front are kept if they are fit for a header and a log.
std::string request_id_of(const httplib::Request& request, RandomSource& random) {
  std::string given = request.get_header_value("X-Request-Id");
  const bool fit = !given.empty() && given.size() <= max_request_id_characters &&
                   std::all_of(given.begin(), given.end(),
                               [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; });
  return fit ? given : random.hex(request_id_bytes);
}

RequestSource source_of(const httplib::Request& request, const std::vector<IpNetwork>& trusted_proxies) {
  // A link-local peer is shown with its zone: `fe80::1%eth0`.
  const std::string_view shown = request.remote_addr;
  const IpAddress peer = IpAddress::parse(shown.substr(0, shown.find('%'))).value_or(IpAddress{});
  std::string forwarded_for;
  const auto [first, last] = request.headers.equal_range("X-Forwarded-For");
  for (auto header = first; header != last; ++header) forwarded_for += "," + header->second;
  return source_of(peer, forwarded_for, trusted_proxies);
}

/// Takes in a body up to the limit. A compressed one may be longer than its Content-Length says.
class BodyCollector {
 public:
  explicit BodyCollector(HttpRequest& request) : request_(request) {}

  bool append(std::string& target, const char* data, std::size_t size) {
    total_ += size;
    request_.body_too_large = total_ > max_body_bytes;
    if (!request_.body_too_large) target.append(data, size);
    return !request_.body_too_large;
  }

 private:
  HttpRequest& request_;
  std::size_t total_ = 0;
};

bool read_multipart(const httplib::ContentReader& reader, HttpRequest& request) {
  BodyCollector collector{request};
  std::vector<std::pair<std::string, std::string>> fields;
  const bool complete = reader(
      [&](const httplib::MultipartFormData& part) {
        fields.emplace_back(part.name, "");
        return true;
      },
      [&](const char* data, std::size_t size) { return collector.append(fields.back().second, data, size); });
  if (complete) request.multipart = std::move(fields);
  return complete;
}

constexpr std::string_view bad_line = "A line of the request's head is malformed.";

/// The next line without its CRLF, taken off the head. Nothing if it ends otherwise or holds a control character.
std::optional<std::string_view> take_line(std::string_view& head) {
  const std::size_t end = head.find('\n');
  if (end == std::string_view::npos || end == 0 || head[end - 1] != '\r') return std::nullopt;
  const std::string_view line = head.substr(0, end - 1);
  head.remove_prefix(end + 1);
  const bool clean =
      std::none_of(line.begin(), line.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
  return clean ? std::optional{line} : std::nullopt;
}

struct Header {
  std::string name;        ///< In lower case.
  std::string_view value;  ///< Without the white space around it.
};

/// RFC 9112 section 5: a token, a colon right behind it, a value. A line that begins with a space continues the last one,
/// which is obsolete, and is refused.
std::optional<Header> header_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view name = line.substr(0, colon);
  const bool token = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view{"!#$%&'*+-.^_`|~"}.find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (!token) return std::nullopt;
  return Header{ascii_lower(name), trimmed(line.substr(colon + 1))};
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_http_1_0(std::string_view request_line) {
  return request_line.size() > 8 && request_line.substr(request_line.size() - 8) == "HTTP/1.0";
}

bool may_have_body(std::string_view request_line) {
  const std::string_view method = request_line.substr(0, request_line.find(' '));
  return method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE";
}

}  // namespace

HttpRequest request_of(const httplib::Request& request, RandomSource& random,
                       const std::vector<IpNetwork>& trusted_proxies) {
  HttpRequest result;
  result.method = request.method;
  result.path = request.path;
  for (const auto& [name, value] : request.headers) {
    const std::string lower = ascii_lower(name);
    if (!result.headers.emplace(lower, value).second) result.repeated_headers.insert(lower);
  }
  result.source = source_of(request, trusted_proxies);
  result.request_id = request_id_of(request, random);
  return result;
}

tl::expected<Framing, FramingProblem> framing_of(std::string_view head) {
  const auto refused = [](ErrorCode code, std::string_view detail) {
    return tl::make_unexpected(FramingProblem{code, detail});
  };
  const auto malformed = [&](std::string_view detail) { return refused(ErrorCode::parse_error, detail); };
  const std::optional<std::string_view> request_line = take_line(head);
  if (!request_line) return malformed(bad_line);
  std::size_t hosts = 0;
  std::optional<std::string_view> length;
  Framing framing;
  while (true) {
    const std::optional<std::string_view> line = take_line(head);
    if (!line) return malformed(bad_line);
    if (line->empty()) break;
    const std::optional<Header> header = header_of(*line);
    if (!header) return malformed(bad_line);
    if (header->name == "transfer-encoding") return malformed("Send a Content-Length: chunked bodies are not read.");
    if (header->name == "host") ++hosts;
    if (header->name == "expect") framing.awaits_go_on = ascii_lower(header->value) == "100-continue";
    if (header->name != "content-length") continue;
    if (length || !is_number(header->value)) return malformed("Content-Length must stand once and be a number.");
    length = header->value;
  }
  if (hosts > 1 || (hosts == 0 && !is_http_1_0(*request_line))) return malformed("Host must stand once.");
  if (!length || length->find_first_not_of('0') == std::string_view::npos) return framing;
  if (length->size() <= 9) framing.body_bytes = std::stoul(std::string{*length});
  if (length->size() > 9 || framing.body_bytes > max_body_bytes) {
    return refused(ErrorCode::payload_too_large, public_detail(ErrorCode::payload_too_large));
  }
  if (!may_have_body(*request_line)) return malformed("A request of this method has no body.");
  return framing;
}

bool is_plain_body(const httplib::Request& request) {
  return !request.has_header("Content-Encoding") && !request.is_multipart_form_data();
}

bool read_request_body(const httplib::Request& source, const httplib::ContentReader& reader,
                       httplib::Response& response, HttpRequest& request) {
  // Without a length there is no body; httplib would wait for one until the time-out.
  if (!source.has_header("Content-Length")) return true;
  BodyCollector collector{request};
  const bool complete =
      source.is_multipart_form_data()
          ? read_multipart(reader, request)
          : reader([&](const char* data, std::size_t size) { return collector.append(request.body, data, size); });
  request.body_incomplete = !complete;
  if (!complete) request.body.clear();
  response.status = -1;  // what httplib thinks of the body is told by the router's answer
  return complete;
}

}  // namespace waxseal::server
