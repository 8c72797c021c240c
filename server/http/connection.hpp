#pragma once
/// @file connection.hpp
/// One client's socket as cpp-httplib's stream, with what the library's own lacks: a deadline for a whole request, and
/// bytes that came early kept for the next one.

#include <atomic>
#include <chrono>
#include <string>

#include <httplib.h>

namespace waxseal::server {

struct ConnectionLimits {
  std::chrono::milliseconds idle{5000};  ///< Waiting for a request to begin.
  std::chrono::milliseconds silence{
      5000};  ///< Between two bytes of a request, or until the client takes some of an answer.
  std::chrono::milliseconds request{20000};  ///< For a request as a whole, from its first byte to the last of its body.
};

class Connection final : public httplib::Stream {
 public:
  /// Takes the socket; closes it at the end.
  Connection(socket_t socket, ConnectionLimits limits) : socket_(socket), limits_(limits) {}
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Waits for the next request to begin, and starts its time. False: the client was silent too long, or `stopping`.
  bool await_request(const std::atomic<bool>& stopping);

  /// The client may still be sending when the socket is closed: read on for a moment then, or the reset would take our
  /// answer with it.
  void linger_at_close() { lingers_ = true; }

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* out, std::size_t size) override;
  ssize_t write(const char* data, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  bool wait_for(short events, std::chrono::milliseconds at_most) const;
  std::chrono::milliseconds time_left() const;

  socket_t socket_;
  ConnectionLimits limits_;
  std::chrono::steady_clock::time_point deadline_{};
  char buffer_[16384];
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  bool lingers_ = false;
};

}  // namespace waxseal::server
