#include "http/connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace waxseal::server {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t first_capacity = 2048;
constexpr std::size_t most_capacity = max_head_bytes + max_body_bytes;
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

constexpr FramingProblem head_too_long{ErrorCode::parse_error, "Request line and headers are over 16 KiB together."};

/// Up to and with the empty line that ends a head; 0 if there is none yet. Line ends are judged later: a bare LF counts
/// here, or a head that has them would be waited for in vain.
/// @param searched  So many bytes at the start were looked at before.
std::size_t head_size_in(std::string_view received, std::size_t searched) {
  constexpr std::size_t longest_end = 3;  // of which all but the last byte may have been there before
  const std::size_t from = searched > longest_end ? searched - longest_end : 0;
  for (std::size_t i = received.find('\n', from); i != std::string_view::npos; i = received.find('\n', i + 1)) {
    if (received.substr(i + 1, 1) == "\n") return i + 2;
    if (received.substr(i + 1, 2) == "\r\n") return i + 3;
  }
  return 0;
}

bool wait_for(socket_t socket, short events, milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wanted{socket, events, 0};
    const int ready = poll(&wanted, 1, static_cast<int>(std::max(left, milliseconds{0}).count()));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

void describe(const sockaddr_storage& address, std::string& ip, int& port) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, text, sizeof text);
    port = ntohs(ipv6.sin6_port);
  } else if (address.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &ipv4.sin_addr, text, sizeof text);
    port = ntohs(ipv4.sin_port);
  }
  ip = text;
}

}  // namespace

Connection::Connection(socket_t socket, ConnectionLimits limits)
    : socket_(socket), limits_(limits), deadline_(std::chrono::steady_clock::now() + limits.idle) {}

Connection::~Connection() { close(socket_); }

bool Connection::wait_for_input(milliseconds at_most) const { return wait_for(socket_, POLLIN, at_most); }

Connection::Progress Connection::take_in() {
  if (next_ == request_end_) expect_next_request();
  // A request that came with the one before it is here already.
  if (Progress progress = judge(); progress == Progress::whole) return progress;
  while (receive()) {
    if (lingers_) {
      end_ = 0;
      continue;
    }
    if (Progress progress = judge(); progress == Progress::whole) return progress;
  }
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Progress::partial : Progress::ended;
}

/// The one before was answered.
void Connection::expect_next_request() {
  if (request_end_ == 0) return;
  request_end_ = searched_ = head_size_ = request_size_ = 0;
  problem_.reset();
  const auto now = std::chrono::steady_clock::now();
  deadline_ = now + (is_begun() ? limits_.silence : limits_.idle);
  request_deadline_ = now + limits_.request;
  if (is_begun()) return;
  next_ = end_ = capacity_ = 0;
  buffer_.reset();
}

/// Whether the bytes from `next_` on are a whole request.
Connection::Progress Connection::judge() {
  const std::string_view received{buffer_.get() + next_, end_ - next_};
  if (head_size_ == 0) look_for_head(received);
  const bool whole = problem_ || (head_size_ > 0 && received.size() >= request_size_);
  if (!whole) return Progress::partial;
  request_end_ = problem_ ? end_ : next_ + request_size_;
  ++requests_;
  return Progress::whole;
}

void Connection::look_for_head(std::string_view received) {
  head_size_ = head_size_in(received, searched_);
  searched_ = received.size();
  if ((head_size_ > 0 ? head_size_ : searched_) > max_head_bytes) {
    problem_ = head_too_long;
  } else if (head_size_ > 0) {
    const auto framing = framing_of(received.substr(0, head_size_));
    if (!framing) problem_ = framing.error();
    request_size_ = head_size_ + (framing ? framing->body_bytes : 0);
    const bool waits = framing && framing->awaits_go_on && received.size() < request_size_;
    if (waits) send(socket_, go_on.data(), go_on.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

/// Appends what has come. False, with errno: nothing more is there now (EAGAIN), or ever.
bool Connection::receive() {
  make_room();
  const ssize_t received = recv(socket_, buffer_.get() + end_, capacity_ - end_, MSG_DONTWAIT);
  if (received <= 0) {
    if (received == 0) errno = 0;
    return false;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!is_begun()) request_deadline_ = now + limits_.request;
  if (!lingers_) deadline_ = std::min(now + limits_.silence, request_deadline_);
  end_ += static_cast<std::size_t>(received);
  return true;
}

/// For what comes next. Grows with what has come, up to the longest request.
void Connection::make_room() {
  if (next_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + next_, end_ - next_);
    end_ -= next_;
    next_ = 0;
  }
  if (end_ < capacity_) return;
  const std::size_t wanted = std::min(std::max(first_capacity, 2 * capacity_), most_capacity);
  std::unique_ptr<char[]> larger{new char[wanted]};
  if (end_ > 0) std::memcpy(larger.get(), buffer_.get(), end_);
  buffer_ = std::move(larger);
  capacity_ = wanted;
}

void Connection::hurry() {
  deadline_ = std::min(deadline_, std::chrono::steady_clock::now() + limits_.stop);
  request_deadline_ = std::min(request_deadline_, deadline_);
}

void Connection::replace_by_refused_request() {
  // The answer to HEAD has no body, whatever becomes of it.
  const bool is_head = unread().substr(0, 5) == "HEAD ";
  const std::string_view refused =
      is_head ? "HEAD / HTTP/1.1\r\nHost: refused\r\n\r\n" : "GET / HTTP/1.1\r\nHost: refused\r\n\r\n";
  std::memcpy(buffer_.get(), refused.data(), refused.size());
  next_ = 0;
  request_end_ = end_ = refused.size();
}

void Connection::linger() {
  shutdown(socket_, SHUT_WR);
  lingers_ = true;
  problem_.reset();
  next_ = request_end_ = end_ = searched_ = head_size_ = request_size_ = 0;
  deadline_ = std::chrono::steady_clock::now() + limits_.linger;
}

ssize_t Connection::read(char* out, std::size_t size) {
  const std::size_t count = std::min(size, request_end_ - next_);
  if (count == 0) return -1;
  std::memcpy(out, buffer_.get() + next_, count);
  next_ += count;
  return static_cast<ssize_t>(count);
}

/// Kept until the answer is whole: head and body leave together. A long one, such as a file, leaves in parts.
ssize_t Connection::write(const char* data, std::size_t size) {
  constexpr std::size_t long_answer = 65536;
  answer_.append(data, size);
  if (answer_.size() >= long_answer && !flush()) return -1;
  return static_cast<ssize_t>(size);
}

bool Connection::flush() {
  std::string_view left = answer_;
  while (!left.empty()) {
    const ssize_t sent = send(socket_, left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      left.remove_prefix(static_cast<std::size_t>(sent));
    } else if (!((errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) &&
                 wait_for(socket_, POLLOUT, limits_.silence))) {
      break;
    }
  }
  const bool all = left.empty();
  answer_.clear();
  return all;
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) describe(address, ip, port);
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) describe(address, ip, port);
}

}  // namespace waxseal::server
