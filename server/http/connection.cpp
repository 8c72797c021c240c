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

constexpr milliseconds longest_linger{1000};
/// How often a waiting connection looks whether the server stops.
constexpr milliseconds step{200};

/// Up to and with the empty line that ends a head; 0 if there is none yet. Line ends are judged later: a bare LF counts
/// here, or a head that has them would be waited for in vain.
std::size_t head_size_in(std::string_view received) {
  for (std::size_t i = received.find('\n'); i != std::string_view::npos; i = received.find('\n', i + 1)) {
    if (received.substr(i + 1, 1) == "\n") return i + 2;
    if (received.substr(i + 1, 2) == "\r\n") return i + 3;
  }
  return 0;
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

Connection::~Connection() {
  shutdown(socket_, SHUT_WR);
  const auto until = std::chrono::steady_clock::now() + longest_linger;
  while (lingers_ && std::chrono::steady_clock::now() < until && wait_for(POLLIN, longest_linger)) {
    if (recv(socket_, buffer_, sizeof buffer_, MSG_DONTWAIT) <= 0) break;
  }
  close(socket_);
}

bool Connection::wait_for(short events, milliseconds at_most) const {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wanted{socket_, events, 0};
    const int ready = poll(&wanted, 1, static_cast<int>(std::max(left, milliseconds{0}).count()));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

milliseconds Connection::time_left() {
  const auto now = std::chrono::steady_clock::now();
  if (stopping_ && !stop_seen_) {
    stop_seen_ = true;
    deadline_ = std::min(deadline_, now + limits_.stop);
  }
  return std::max(std::chrono::duration_cast<milliseconds>(deadline_ - now), milliseconds{0});
}

/// Waits in steps, so that a stop is noticed in the middle of a request.
bool Connection::wait_for_input() {
  const auto silent_until = std::chrono::steady_clock::now() + limits_.silence;
  while (true) {
    const auto silence_left = std::chrono::duration_cast<milliseconds>(silent_until - std::chrono::steady_clock::now());
    const milliseconds left = std::min(time_left(), silence_left);
    if (left <= milliseconds{0}) return false;
    if (wait_for(POLLIN, std::min(left, step))) return true;
  }
}

/// Appends to the buffer what the client sent. False: nothing came, or there is no room.
bool Connection::receive_more() {
  if (next_ > 0) {
    std::memmove(buffer_, buffer_ + next_, end_ - next_);
    end_ -= next_;
    next_ = 0;
  }
  if (end_ == sizeof buffer_ || !wait_for_input()) return false;
  const ssize_t received = recv(socket_, buffer_ + end_, sizeof buffer_ - end_, 0);
  if (received <= 0) return false;
  end_ += static_cast<std::size_t>(received);
  return true;
}

Connection::Head Connection::await_head() {
  const auto idle_until = std::chrono::steady_clock::now() + limits_.idle;
  while (next_ == end_ && !(!stopping_ && wait_for(POLLIN, step))) {
    if (stopping_ || std::chrono::steady_clock::now() >= idle_until) return Head::none;
  }
  deadline_ = std::chrono::steady_clock::now() + limits_.request;
  stop_seen_ = false;
  while (true) {
    const std::string_view received{buffer_ + next_, end_ - next_};
    if (const std::size_t size = head_size_in(received); size > 0) {
      head_size_ = size;
      return Head::complete;
    }
    if (received.size() == sizeof buffer_) return Head::too_long;
    if (!receive_more()) return Head::none;
  }
}

void Connection::replace_by_refused_request() {
  // The answer to HEAD has no body, whatever becomes of it.
  const bool is_head = std::string_view{buffer_ + next_, end_ - next_}.substr(0, 5) == "HEAD ";
  const std::string_view refused =
      is_head ? "HEAD / HTTP/1.1\r\nHost: refused\r\n\r\n" : "GET / HTTP/1.1\r\nHost: refused\r\n\r\n";
  std::memcpy(buffer_, refused.data(), refused.size());
  next_ = 0;
  end_ = refused.size();
}

bool Connection::is_readable() const { return next_ < end_ || wait_for(POLLIN, limits_.silence); }

bool Connection::is_writable() const { return wait_for(POLLOUT, limits_.silence); }

ssize_t Connection::read(char* out, std::size_t size) {
  if (next_ == end_ && !receive_more()) return -1;
  const std::size_t count = std::min(size, end_ - next_);
  std::memcpy(out, buffer_ + next_, count);
  next_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* data, std::size_t size) {
  if (!is_writable()) return -1;
  return send(socket_, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
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
