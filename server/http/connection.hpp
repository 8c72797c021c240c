#pragma once
/// @file connection.hpp
/// One client's socket as cpp-httplib's stream, with what the library's own lacks: a request is taken in as it comes, without
/// a thread that waits for it, and handed to the library when it is whole; it has a deadline; bytes that came early are kept
/// for the next one.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <httplib.h>

#include "http/read_request.hpp"

namespace waxseal::server {

/// Request line and headers together may not be longer. Bytes.
inline constexpr std::size_t max_head_bytes = 16384;

struct ConnectionLimits {
  std::chrono::milliseconds idle{75000};  ///< Waiting for a request to begin. Longer than nginx keeps its own side.
  std::chrono::milliseconds silence{
      5000};  ///< Between two bytes of a request, or until the client takes some of an answer.
  std::chrono::milliseconds request{20000};  ///< For a request as a whole, from its first byte to the last of its body.
  std::chrono::milliseconds stop{2000};      ///< What is left of a request's time once the server stops.
  std::chrono::milliseconds linger{1000};    ///< For the rest of a request that was answered before its end.
};

class Connection final : public httplib::Stream {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Takes the socket; closes it at the end.
  explicit Connection(socket_t socket, ConnectionLimits limits = {});
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Progress {
    ended,    ///< The client went away, or what it sends is not wanted any more: close.
    partial,  ///< There is more to come: wait for input, until `deadline()`.
    whole,    ///< A request is here with its body, or enough of it to refuse it: see `problem()`.
  };
  /// Takes in what has come. Never waits.
  Progress take_in();

  /// When to close the connection if nothing more comes.
  Time deadline() const { return deadline_; }
  /// Whether part of a request is here. Otherwise nothing is lost when the connection is closed.
  bool is_begun() const { return next_ < end_; }
  /// The server stops: what has begun has little time left.
  void hurry();

  /// Why the whole request is refused, if it is.
  const std::optional<FramingProblem>& problem() const { return problem_; }
  /// What of the whole request was not read yet.
  std::string_view unread() const { return {buffer_.get() + next_, request_end_ - next_}; }
  /// All of it is read.
  void skip_unread() { next_ = request_end_; }
  /// How many requests were whole so far.
  int requests() const { return requests_; }

  /// Puts a harmless request in the place of one that is refused: the library asks us what to answer, and never sees it.
  void replace_by_refused_request();

  /// Sends the answer. False if the client does not take it.
  bool flush();

  /// Closes our side. The client may still be sending: what comes is read and thrown away for a moment, or the reset would
  /// take our answer with it.
  void linger();

  /// Waits for input, at most so long. Only for who has a thread for this connection alone.
  bool wait_for_input(std::chrono::milliseconds at_most) const;

  bool is_readable() const override { return next_ < request_end_; }
  bool is_writable() const override { return true; }
  ssize_t read(char* out, std::size_t size) override;
  ssize_t write(const char* data, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  Progress judge();
  void look_for_head(std::string_view received);
  void expect_next_request();
  bool receive();
  void make_room();

  socket_t socket_;
  ConnectionLimits limits_;
  Time deadline_;
  Time request_deadline_{};
  std::unique_ptr<char[]> buffer_;  ///< None while nothing is here: an idle connection costs little.
  std::size_t capacity_ = 0;
  std::size_t next_ = 0;          ///< First byte that was not read yet.
  std::size_t end_ = 0;           ///< One past the last byte that was received.
  std::size_t searched_ = 0;      ///< Bytes of the request, from `next_`, in which no end of a head was found.
  std::size_t head_size_ = 0;     ///< Of the request that begins at `next_`; 0 until its end is here.
  std::size_t request_size_ = 0;  ///< Likewise, with its body.
  std::size_t request_end_ = 0;   ///< One past the last byte of the whole request that is read now.
  std::optional<FramingProblem> problem_;
  std::string answer_;  ///< Not sent yet.
  int requests_ = 0;
  bool lingers_ = false;
};

}  // namespace waxseal::server
