#pragma once
/// @file running_server.hpp
/// An HttpServer on a port of the system's choice, run in a thread of its own until the test ends.

#include <stdexcept>
#include <string>
#include <thread>

#include "adapters/system/system_random.hpp"
#include "http/http_server.hpp"

namespace waxseal::test {

class RunningServer {
 public:
  RunningServer(const server::Router& router, server::Log& log, server::HttpServerSettings settings = {})
      : server_(on_any_port(std::move(settings)), router, log, random_) {
    const auto address = server_.bind();
    if (!address) throw std::runtime_error{address.error().log_detail};
    port_ = std::stoi(address->substr(address->rfind(':') + 1));
    thread_ = std::thread{[this] { server_.run(); }};
  }
  ~RunningServer() { stop_and_wait(); }

  int port() const { return port_; }
  void stop() { server_.stop(); }

  /// Returns once `run` did: the last running request was answered.
  void stop_and_wait() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  static server::HttpServerSettings on_any_port(server::HttpServerSettings settings) {
    settings.listen = "127.0.0.1:0";
    settings.threads = 4;  // threads are dear under the sanitizers
    return settings;
  }

  server::SystemRandom random_;
  server::HttpServer server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace waxseal::test
