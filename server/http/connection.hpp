#pragma once
/// @file connection.hpp
/// One client's socket as cpp-httplib's stream, with what the library's own lacks: a look at a request's head before the
/// library reads it, a deadline for a whole request, and bytes that came early kept for the next one.

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include <httplib.h>

namespace waxseal::server {

/// Request line and headers together may not be longer. Bytes.
inline constexpr std::size_t max_head_bytes = 16384;

struct ConnectionLimits {
  std::chrono::milliseconds idle{5000};  ///< Waiting for a request to begin.
  std::chrono::milliseconds silence{
      5000};  ///< Between two bytes of a request, or until the client takes some of an answer.
  std::chrono::milliseconds request{20000};  ///< For a request as a whole, from its first byte to the last of its body.
  std::chrono::milliseconds stop{2000};      ///< What is left of a request's time once the server stops.
};

class Connection final : public httplib::Stream {
 public:
  /// Takes the socket; closes it at the end. @param stopping  Outlives the connection.
  Connection(socket_t socket, const std::atomic<bool>& stopping, ConnectionLimits limits = {})
      : socket_(socket), stopping_(stopping), limits_(limits) {}
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Head {
    none,      ///< The client went away or was silent too long, or the server stops: close.
    complete,  ///< `head()` is the next request's, up to its empty line.
    too_long,  ///< Over `max_head_bytes` without an end.
  };
  /// Waits for the next request and takes in its head. Starts the request's time.
  Head await_head();

  /// As it came, valid until the next `read`.
  std::string_view head() const { return {buffer_ + next_, head_size_}; }

  /// Puts a harmless request in the place of one that is refused: the library asks us what to answer, and never sees it.
  void replace_by_refused_request();

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
  bool wait_for_input();
  bool receive_more();
  std::chrono::milliseconds time_left();

  socket_t socket_;
  const std::atomic<bool>& stopping_;
  ConnectionLimits limits_;
  std::chrono::steady_clock::time_point deadline_{};
  bool stop_seen_ = false;
  char buffer_[max_head_bytes];
  std::size_t next_ = 0;       ///< First byte that was not read yet.
  std::size_t end_ = 0;        ///< One past the last byte that was received.
  std::size_t head_size_ = 0;  ///< Of the request that begins at `next_`.
  bool lingers_ = false;
};

}  // namespace waxseal::server
