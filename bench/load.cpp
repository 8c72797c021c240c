// A load generator: requests from a file over some connections that stay open, as fast as they are answered (closed loop) or
// at a constant rate (open loop). Prints one JSON object.
//
//   waxseal_load --port P --requests FILE [--skip N] [--connections N] [--seconds S] [--count N] [--rate R] [--repeat] [--warm-up S]
//
// A line of the file is PATH, HEADER (may be empty) and BODY, with tabs between; without a body it is a GET. Each line is sent
// once; with --repeat they begin anew. Everything is rendered before the first request is sent, so that sending costs this
// program little: it shares the machine with what it measures.
//
// At a constant rate a latency counts from the moment at which the request was due, whether or not a connection was free then:
// a server that stalls cannot hide the requests that it kept from being sent (coordinated omission). Latencies are kept one by
// one, so percentiles are exact.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Options {
  int port = 0;
  std::string requests;
  int connections = 64;
  double seconds = 5;
  std::size_t count = 0;  // 0: as many as the time allows
  double rate = 0;        // 0: closed loop
  double warm_up = 0;     // seconds that are not counted
  bool repeat = false;
  std::size_t skip = 0;  // lines at the start of the file
};

std::string render(const std::string& line) {
  const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
  if (second == std::string::npos) throw std::runtime_error{"a request is PATH, HEADER and BODY, with tabs between"};
  const std::string path = line.substr(0, first), header = line.substr(first + 1, second - first - 1);
  const std::string body = line.substr(second + 1);
  std::string text = (body.empty() ? "GET " : "POST ") + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (!header.empty()) text += header + "\r\n";
  if (body.empty()) return text + "\r\n";
  return text + "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::vector<std::string> read_requests(const std::string& path, std::size_t skip) {
  std::ifstream file{path};
  std::vector<std::string> requests;
  for (std::string line; std::getline(file, line);) {
    if (skip > 0) {
      --skip;
    } else {
      requests.push_back(render(line));
    }
  }
  if (requests.empty()) throw std::runtime_error{path + " holds no requests"};
  return requests;
}

// ---- Answers

/// The value of a header, which begins at the start of a line. Our peers write names in different letters.
std::string_view header_value(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
    const std::string_view rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
    std::string_view value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return value;
  }
  return {};
}

struct Answer {
  int status = 0;       ///< 0: not whole yet.
  bool closes = false;  ///< The server closes the connection.
};

Answer whole_answer(std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos || received.size() < 12) return {};
  const std::string_view head = received.substr(0, end + 2);
  const std::string_view length = header_value(head, "content-length");
  const bool chunked = length.empty() && !header_value(head, "transfer-encoding").empty();
  const bool whole = chunked ? received.size() >= 5 && received.substr(received.size() - 5) == "0\r\n\r\n"
                             : received.size() >= end + 4 + (length.empty() ? 0 : std::stoul(std::string{length}));
  if (!whole) return {};
  const std::string_view connection = header_value(head, "connection");
  const bool closes = connection.size() == 5 && strncasecmp(connection.data(), "close", 5) == 0;
  return {std::stoi(std::string{received.substr(9, 3)}), closes};
}

// ---- The load

struct Result {
  std::vector<std::uint32_t> latencies_us;
  std::map<int, std::size_t> statuses;
  std::size_t sent = 0;    ///< Warm-up included.
  std::size_t failed = 0;  ///< Connections that broke before an answer.
  double seconds = 0;
  Clock::time_point last_answer{};
};

class Load {
 public:
  Load(Options options, std::vector<std::string> requests)
      : options_(std::move(options)),
        requests_(std::move(requests)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        connections_(static_cast<std::size_t>(options_.connections)) {
    for (std::size_t i = 0; i < connections_.size(); ++i) open(i);
  }

  Result run() {
    begun_ = Clock::now();
    counted_from_ = begun_ + std::chrono::duration_cast<Clock::duration>(Seconds{options_.warm_up});
    ends_ = counted_from_ + std::chrono::duration_cast<Clock::duration>(Seconds{options_.seconds});
    for (std::size_t i = 0; i < connections_.size(); ++i) free_.push_back(i);
    send_due();
    while (in_flight_ > 0 || may_send()) {
      wait();
      send_due();
    }
    result_.sent = sent_;
    result_.seconds = Seconds{std::max(result_.last_answer, counted_from_) - counted_from_}.count();
    return std::move(result_);
  }

 private:
  struct Connection {
    int socket = -1;
    bool busy = false;
    Clock::time_point since;
    std::string received;
  };

  void open(std::size_t index) {
    Connection& connection = connections_[index];
    connection.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error{std::string{"no connection: "} + std::strerror(errno)};
    }
    const int yes = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_event event{EPOLLIN, {}};
    event.data.u64 = index;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
    connection.received.clear();
  }

  bool may_send() const {
    if (options_.count > 0 && sent_ >= options_.count) return false;
    if (!options_.repeat && sent_ >= requests_.size()) return false;
    return Clock::now() < ends_;
  }

  Clock::time_point due(std::size_t number) const {
    return begun_ + std::chrono::duration_cast<Clock::duration>(Seconds{static_cast<double>(number) / options_.rate});
  }

  void send_due() {
    while (!free_.empty() && may_send()) {
      const auto now = Clock::now();
      const auto since = options_.rate > 0 ? due(sent_) : now;
      if (since > now) return;
      const std::size_t index = free_.front();
      free_.pop_front();
      Connection& connection = connections_[index];
      const std::string& request = requests_[sent_++ % requests_.size()];
      connection.since = since;
      connection.busy = true;
      ++in_flight_;
      // Small enough for the socket's buffer.
      if (send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(request.size())) {
        broken(index);
      }
    }
  }

  void wait() {
    epoll_event events[256];
    int timeout_ms = 100;
    if (options_.rate > 0 && !free_.empty()) {
      // Less than a millisecond is waited for by looking again.
      timeout_ms = static_cast<int>(std::clamp<std::int64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(due(sent_) - Clock::now()).count(), 0, 100));
    }
    const int ready = epoll_wait(epoll_, events, 256, timeout_ms);
    for (int i = 0; i < ready; ++i) receive(events[i].data.u64);
  }

  void receive(std::size_t index) {
    Connection& connection = connections_[index];
    char buffer[16384];
    const ssize_t count = recv(connection.socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return broken(index);
    connection.received.append(buffer, static_cast<std::size_t>(count));
    const Answer answer = whole_answer(connection.received);
    if (answer.status == 0) return;
    note(connection, answer.status);
    connection.received.clear();
    connection.busy = false;
    --in_flight_;
    if (answer.closes) reopen(index);
    free_.push_back(index);
  }

  void note(const Connection& connection, int status) {
    const auto now = Clock::now();
    if (now < counted_from_) return;
    result_.last_answer = now;
    ++result_.statuses[status];
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - connection.since).count();
    result_.latencies_us.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(took, 0, UINT32_MAX)));
  }

  void reopen(std::size_t index) {
    close(connections_[index].socket);
    open(index);
  }

  void broken(std::size_t index) {
    if (connections_[index].busy) {
      ++result_.failed;
      --in_flight_;
      connections_[index].busy = false;
      free_.push_back(index);
    }
    reopen(index);
  }

  Options options_;
  std::vector<std::string> requests_;
  int epoll_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> free_;
  std::size_t sent_ = 0;
  std::size_t in_flight_ = 0;
  Clock::time_point begun_{}, counted_from_{}, ends_{};
  Result result_;
};

nlohmann::ordered_json json_of(Result result) {
  auto& latencies = result.latencies_us;
  std::sort(latencies.begin(), latencies.end());
  const auto percentile = [&](double part) {
    if (latencies.empty()) return std::uint32_t{0};
    const auto rank = static_cast<std::size_t>(part * static_cast<double>(latencies.size()));
    return latencies[std::min(rank, latencies.size() - 1)];
  };
  nlohmann::ordered_json statuses = nlohmann::ordered_json::object();
  for (const auto& [status, count] : result.statuses) statuses[std::to_string(status)] = count;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return {{"requests", latencies.size()},
          {"seconds", result.seconds},
          {"rate", result.seconds > 0 ? static_cast<double>(latencies.size()) / result.seconds : 0},
          {"statuses", statuses},
          {"sent", result.sent},
          {"failed", result.failed},
          {"latency_us",
           {{"p50", percentile(0.5)},
            {"p90", percentile(0.9)},
            {"p99", percentile(0.99)},
            {"p999", percentile(0.999)},
            {"max", percentile(1)}}},
          {"own_cpu_seconds", seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime)}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Sends requests and tells how long the answers took"};
  app.add_option("--port", options.port)->required();
  app.add_option("--requests", options.requests)->required();
  app.add_option("--connections", options.connections);
  app.add_option("--seconds", options.seconds);
  app.add_option("--count", options.count);
  app.add_option("--rate", options.rate);
  app.add_option("--warm-up", options.warm_up);
  app.add_option("--skip", options.skip);
  app.add_flag("--repeat", options.repeat);
  CLI11_PARSE(app, argc, argv);
  try {
    Load load{options, read_requests(options.requests, options.skip)};
    std::cout << json_of(load.run()).dump() << "\n";
  } catch (const std::exception& error) {
    std::cerr << "waxseal_load: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
