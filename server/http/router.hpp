#pragma once
/// @file router.hpp
/// From method and path to a handler. Paths match with or without the final slash; `{…}` stands for one segment.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.hpp"

namespace waxseal::server {

using Handler = std::function<HttpResponse(const HttpRequest&)>;

class Router {
 public:
  /// @param method  "GET" (answers HEAD, too) or "POST".
  /// @param path    Starts with a slash.
  void add(std::string method, std::string path, Handler handler);

  /// Method and path of each route, as they were added.
  std::vector<std::pair<std::string, std::string>> routes() const;

  /// The handler's answer; 404 for an unknown path, 405 with `Allow` for another method, 204 for OPTIONS.
  HttpResponse handle(HttpRequest request) const;

 private:
  struct Route {
    std::string method;
    std::string path;
    std::vector<std::string> segments;
    Handler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace waxseal::server
