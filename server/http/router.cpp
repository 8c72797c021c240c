#include "http/router.hpp"

#include <algorithm>

#include "http/error_response.hpp"

namespace waxseal::server {
namespace {

/// "/a/b/" and "/a/b" alike: {"a", "b"}. An empty segment elsewhere stays: "/a//b" is another path.
std::vector<std::string> segments_of(std::string_view path) {
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  std::vector<std::string> segments;
  while (true) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

/// The values of the placeholders, or nothing if the path is another one.
std::optional<std::vector<std::string>> match(const std::vector<std::string>& pattern,
                                              const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!pattern[i].empty() && pattern[i].front() == '{') {
      values.push_back(path[i]);
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return values;
}

}  // namespace

void Router::add(std::string method, std::string path, Handler handler) {
  std::vector<std::string> segments = segments_of(path);
  routes_.push_back({std::move(method), std::move(path), std::move(segments), std::move(handler)});
}

std::vector<std::pair<std::string, std::string>> Router::routes() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Route& route : routes_) all.emplace_back(route.method, route.path);
  return all;
}

HttpResponse Router::handle(HttpRequest request) const {
  const std::vector<std::string> path = segments_of(request.path);
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::string allowed;
  for (const Route& route : routes_) {
    auto values = match(route.segments, path);
    if (!values) continue;
    if (route.method == method) {
      request.path_values = std::move(*values);
      HttpResponse response = route.handler(request);
      response.route = route.path;
      return response;
    }
    allowed += route.method + (route.method == "GET" ? ", HEAD, " : ", ");
  }
  if (allowed.empty()) return error_response({ErrorCode::not_found, "no such path"});
  allowed += "OPTIONS";
  HttpResponse response;
  if (request.method == "OPTIONS") {
    response.status = 204;
  } else {
    response = error_response(ErrorCode::method_not_allowed, "Method \"" + request.method + "\" not allowed.");
  }
  response.set_header("Allow", allowed);
  return response;
}

}  // namespace waxseal::server
