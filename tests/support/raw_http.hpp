#pragma once
/// @file raw_http.hpp
/// A client that sends the bytes it is told to and reads what comes back: what a browser would never send is sent, too.
/// Every wait ends at a deadline, and a test that meets it fails.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace waxseal::test {

inline constexpr std::chrono::seconds longest_wait{20};

struct RawAnswer {
  int status = 0;
  std::multimap<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;

  /// The one value of a header; empty if it is not there. Fails the test if it stands twice.
  std::string header(const std::string& lower_case_name) const {
    if (headers.count(lower_case_name) > 1) throw std::runtime_error{lower_case_name + " stands twice"};
    const auto place = headers.find(lower_case_name);
    return place != headers.end() ? place->second : "";
  }
  bool has(const std::string& lower_case_name) const { return headers.count(lower_case_name) > 0; }
};

/// One connection to 127.0.0.1.
class RawConnection {
 public:
  explicit RawConnection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      const std::string why = std::strerror(errno);
      ::close(socket_);
      throw std::runtime_error{"no connection: " + why};
    }
  }
  ~RawConnection() { ::close(socket_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// A peer that hangs up in the middle is no failure here: its answer says why.
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  /// Reads one answer; its body by Content-Length, as every answer of ours has one. The answer to HEAD has no body.
  RawAnswer read_answer(std::string_view method = "GET") {
    while (unread_.find("\r\n\r\n") == std::string::npos) require_more();
    RawAnswer answer = parse_head(take(unread_.find("\r\n\r\n") + 4));
    const std::string length = answer.header("content-length");
    if (method == "HEAD" || length.empty()) return answer;
    const std::size_t size = std::stoul(length);
    while (unread_.size() < size) require_more();
    answer.body = take(size);
    return answer;
  }

  /// True once the peer closed the connection without sending anything more; false if it sent something.
  bool is_closed_by_peer() {
    if (!unread_.empty()) return false;
    return !read_more();
  }

  /// True if nothing comes for that long and the connection stays open.
  bool stays_silent(std::chrono::milliseconds how_long) {
    pollfd wait{socket_, POLLIN, 0};
    return unread_.empty() && ::poll(&wait, 1, static_cast<int>(how_long.count())) == 0;
  }

 private:
  void require_more() {
    if (!read_more()) throw std::runtime_error{"the connection was closed after: " + unread_};
  }

  bool read_more() {
    pollfd wait{socket_, POLLIN, 0};
    const auto deadline_ms = std::chrono::milliseconds{longest_wait}.count();
    if (::poll(&wait, 1, static_cast<int>(deadline_ms)) <= 0)
      throw std::runtime_error{"no answer in time, so far: " + unread_};
    char buffer[16384];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    unread_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  std::string take(std::size_t size) {
    std::string taken = unread_.substr(0, size);
    unread_.erase(0, size);
    return taken;
  }

  static RawAnswer parse_head(const std::string& head) {
    RawAnswer answer;
    answer.status = std::stoi(head.substr(head.find(' ') + 1));
    std::size_t start = head.find("\r\n") + 2;
    for (std::size_t end = head.find("\r\n", start); end != start; end = head.find("\r\n", start)) {
      const std::size_t colon = head.find(':', start);
      std::string name = head.substr(start, colon - start);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      answer.headers.emplace(name, head.substr(colon + 2, end - colon - 2));
      start = end + 2;
    }
    return answer;
  }

  int socket_;
  std::string unread_;
};

/// A request as a client would write it. `headers` is whole lines, each with its CRLF.
inline std::string request_text(std::string_view method, std::string_view path, std::string_view headers = "",
                                std::string_view body = "") {
  std::string text{method};
  text.append(" ").append(path).append(" HTTP/1.1\r\nHost: backend.example\r\n").append(headers);
  const bool has_length =
      text.find("Content-Length:") != std::string::npos || text.find("Transfer-Encoding:") != std::string::npos;
  if (!body.empty() && !has_length) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text.append("\r\n").append(body);
}

/// Sends one request on a connection of its own and reads its answer.
inline RawAnswer exchange(int port, std::string_view method, std::string_view path, std::string_view headers = "",
                          std::string_view body = "") {
  RawConnection connection{port};
  connection.send(request_text(method, path, headers, body));
  return connection.read_answer(method);
}

/// A JSON POST.
inline RawAnswer post_json(int port, std::string_view path, std::string_view body, const std::string& headers = "") {
  return exchange(port, "POST", path, "Content-Type: application/json\r\n" + headers, body);
}

}  // namespace waxseal::test
