#pragma once
/// @file http_server.hpp
/// The socket side: cpp-httplib in front of a router. Adds what every answer has, and logs one line a request.

#include <memory>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "ports/log.hpp"
#include "ports/metrics.hpp"
#include "ports/random_source.hpp"

namespace waxseal::server {

struct HttpServerSettings {
  std::string listen;                        ///< "127.0.0.1:8080", "[::1]:0"; port 0: the system picks.
  std::size_t threads = 64;                  ///< So many requests are answered at the same time.
  std::vector<std::string> cors_origins;     ///< Exact.
  std::vector<IpNetwork> trusted_proxies;    ///< Whose `X-Forwarded-For` is believed.
  LogLevel answered_level = LogLevel::info;  ///< Of the line of a request, but for failures of the server.
};

/// A folder of files served at `/` besides the routes. Only for the demo.
struct StaticPages {
  std::string folder;
  std::vector<std::pair<std::string, std::string>> headers;  ///< On every file.
};

class HttpServer {
 public:
  /// @param router, log, random, metrics  Outlive the server.
  HttpServer(HttpServerSettings settings, const Router& router, Log& log, RandomSource& random,
             Metrics& metrics = no_metrics);
  ~HttpServer();

  /// Fails with:  ErrorCode::internal  the folder is not there
  Result<void> serve_pages(const StaticPages& pages);

  /// Takes the address. @return  What was taken, with the port that the system picked.
  /// Fails with:  ErrorCode::unavailable  the address is in use or not of this machine
  Result<std::string> bind();

  /// Answers until `stop`. Returns after the last running request was answered.
  void run();

  /// Answers one connection that was accepted elsewhere, in this thread, until it ends. Needs no `bind`.
  /// @param socket  A connected stream socket. Closed at the end.
  void serve_connection(int socket);

  /// The threads that answer. Any thread.
  PoolUse threads() const;

  /// Takes no more connections. From any thread; may be called before `run`.
  void stop();

 private:
  struct Socket;
  HttpServerSettings settings_;
  const Router& router_;
  Log& log_;
  RandomSource& random_;
  std::unique_ptr<Socket> socket_;
};

}  // namespace waxseal::server
