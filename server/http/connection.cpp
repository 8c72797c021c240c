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
/// How often an idle connection looks whether the server stops.
constexpr milliseconds idle_step{200};

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

milliseconds Connection::time_left() const {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - std::chrono::steady_clock::now());
  return std::clamp(left, milliseconds{0}, limits_.silence);
}

bool Connection::await_request(const std::atomic<bool>& stopping) {
  const auto until = std::chrono::steady_clock::now() + limits_.idle;
  while (next_ == end_ && !wait_for(POLLIN, idle_step)) {
    if (stopping || std::chrono::steady_clock::now() >= until) return false;
  }
  deadline_ = std::chrono::steady_clock::now() + limits_.request;
  return true;
}

bool Connection::is_readable() const { return next_ < end_ || wait_for(POLLIN, time_left()); }

bool Connection::is_writable() const { return wait_for(POLLOUT, limits_.silence); }

ssize_t Connection::read(char* out, std::size_t size) {
  if (next_ == end_) {
    if (!wait_for(POLLIN, time_left())) return -1;
    const ssize_t received = recv(socket_, buffer_, sizeof buffer_, 0);
    if (received <= 0) return received;
    next_ = 0;
    end_ = static_cast<std::size_t>(received);
  }
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
