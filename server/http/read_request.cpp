#include "http/read_request.hpp"

#include <algorithm>
#include <cctype>

#include <waxseal/email_address.hpp>

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

}  // namespace

HttpRequest request_of(const httplib::Request& request, RandomSource& random) {
  HttpRequest result;
  result.method = request.method;
  result.path = request.path;
  for (const auto& [name, value] : request.headers) result.headers.emplace(ascii_lower(name), value);
  result.request_id = request_id_of(request, random);
  return result;
}

std::optional<FramingProblem> framing_problem(const httplib::Request& request) {
  if (request.has_header("Transfer-Encoding")) {
    return FramingProblem{ErrorCode::parse_error, "Send a Content-Length: chunked bodies are not read."};
  }
  if (!request.has_header("Content-Length")) return std::nullopt;
  const std::string length = request.get_header_value("Content-Length");
  const bool digits = !length.empty() && length.find_first_not_of("0123456789") == std::string::npos;
  if (request.get_header_value_count("Content-Length") > 1 || !digits) {
    return FramingProblem{ErrorCode::parse_error, "Content-Length must stand once and be a number."};
  }
  if (length.size() > 9 || std::stoul(length) > max_body_bytes) {
    return FramingProblem{ErrorCode::payload_too_large, public_detail(ErrorCode::payload_too_large)};
  }
  const bool may_have_body =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH" || request.method == "DELETE";
  if (std::stoul(length) > 0 && !may_have_body) {
    return FramingProblem{ErrorCode::parse_error, "A request of this method has no body."};
  }
  return std::nullopt;
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
