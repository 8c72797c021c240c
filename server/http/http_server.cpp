#include "http/http_server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <thread>

#include "http/connection_pool.hpp"
#include "http/error_response.hpp"
#include "http/read_request.hpp"

namespace waxseal::server {
namespace {

constexpr int keep_alive_requests = 1000;

/// SO_REUSEADDR alone: httplib's own choice, SO_REUSEPORT, would let two servers share a port unnoticed.
void set_socket_options(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

struct Address {
  std::string host;
  int port;
};

/// "[::1]:80" and "127.0.0.1:80".
Address parse_address(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, std::stoi(listen.substr(colon + 1))};
}

/// What is known of the request that a thread is answering, beside what httplib passes on.
struct Exchange {
  Connection* connection = nullptr;
  bool framed = false;  ///< Its headers were read and its end is known.
  bool close = false;   ///< Something of it may be left unread.
};
thread_local Exchange exchange;

/// Runs what it is given at once: the library's own thread accepts connections and hands them on, and does nothing else.
class AtOnce final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override { task(); }
  void shutdown() override {}
};

/// The library's server with our connections under it.
class ConnectionServer final : public httplib::Server {
 public:
  std::atomic<bool> stopping{false};
  std::unique_ptr<ConnectionPool> pool;

  /// Answers the whole request that the connection has.
  ConnectionPool::Next answer(Connection& connection) {
    exchange = {&connection};
    const bool refused = connection.problem().has_value();
    if (refused) connection.replace_by_refused_request();
    const bool last = stopping || connection.requests() >= keep_alive_requests;
    bool asked_to_close = false;
    const bool answered = process_request(connection, last, asked_to_close, look_at_headers);
    if (!connection.flush()) return ConnectionPool::Next::close;
    const bool doubtful = !exchange.framed || refused || exchange.close || !connection.unread().empty();
    if (doubtful) return ConnectionPool::Next::linger;
    return answered && !asked_to_close && !last ? ConnectionPool::Next::request : ConnectionPool::Next::close;
  }

  /// One connection from its first request to its end, in this thread.
  void serve(socket_t socket) {
    Connection connection{socket};
    while (!stopping) {
      const Connection::Progress progress = connection.take_in();
      if (progress == Connection::Progress::ended) return;
      if (progress == Connection::Progress::partial) {
        const auto left = connection.deadline() - std::chrono::steady_clock::now();
        if (!connection.wait_for_input(std::chrono::ceil<std::chrono::milliseconds>(left))) return;
        continue;
      }
      const ConnectionPool::Next next = answer(connection);
      if (next == ConnectionPool::Next::close) return;
      if (next == ConnectionPool::Next::linger) connection.linger();
    }
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    pool->add(socket);
    return true;
  }

  static void look_at_headers(httplib::Request& request) {
    exchange.framed = true;
    request.ranges.clear();  // answers are whole
  }
};

}  // namespace

/// The library's server, and what answers its callbacks.
struct HttpServer::Socket {
  HttpServerSettings& settings;
  const Router& router;
  Log& log;
  RandomSource& random;
  Metrics& metrics;
  ConnectionServer server{};
  std::atomic<std::size_t> answering{0};  ///< Requests, each in a thread.
  std::atomic<bool> started{false};
  std::atomic<bool> finished{false};
  std::atomic<bool> told_of_forwarding{false};
  bool has_pages = false;

  void configure();
  void start_answering() {
    server.pool = std::make_unique<ConnectionPool>(settings.threads, [this](Connection& connection) {
      ++answering;
      const ConnectionPool::Next next = server.answer(connection);
      --answering;
      return next;
    });
  }
  void set_routes();
  HttpRequest request_of(const httplib::Request& source) const {
    return server::request_of(source, random, settings.trusted_proxies);
  }
  void answer(HttpRequest request, httplib::Response& target);
  LogLevel level_of(int status) const { return status >= 500 ? LogLevel::error : settings.answered_level; }
  void look_at_source(const HttpRequest& request);
  void add_common_headers(const HttpRequest& request, HttpResponse& response) const;
  void add_cors_headers(const HttpRequest& request, HttpResponse& response) const;
  static void send(const HttpResponse& response, httplib::Response& target);
  httplib::Server::HandlerResponse answer_before_routing(const httplib::Request& source, httplib::Response& target);
  httplib::Server::HandlerResponse answer_refused(const httplib::Request& source, httplib::Response& target);
  void refuse(ErrorCode code, std::string_view detail, const httplib::Request& source, httplib::Response& target);
  void log_exception(const std::exception_ptr& exception);
};

void HttpServer::Socket::configure() {
  server.new_task_queue = [] { return new AtOnce; };
  server.set_socket_options(set_socket_options);
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(keep_alive_requests);  // both are told to clients
  server.set_keep_alive_timeout(std::chrono::duration_cast<std::chrono::seconds>(ConnectionLimits{}.idle).count());
  server.set_payload_max_length(max_body_bytes);
  set_routes();
  server.set_pre_routing_handler([this](const httplib::Request& source, httplib::Response& target) {
    return answer_before_routing(source, target);
  });
  server.set_error_handler(httplib::Server::HandlerWithResponse{
      [this](const httplib::Request& source, httplib::Response& target) { return answer_refused(source, target); }});
  server.set_exception_handler(
      [this](const httplib::Request&, httplib::Response& target, std::exception_ptr exception) {
        log_exception(exception);
        exchange.close = true;
        target.status = 500;  // the error handler above writes the answer
      });
}

void HttpServer::Socket::set_routes() {
  const auto with_body = [this](const httplib::Request& source, httplib::Response& target,
                                const httplib::ContentReader& reader) {
    HttpRequest request = request_of(source);
    if (!read_request_body(source, reader, target, request)) exchange.close = true;
    answer(std::move(request), target);
  };
  const auto without_body = [this](const httplib::Request& source, httplib::Response& target) {
    answer(request_of(source), target);
  };
  const std::string any_path = R"([\s\S]*)";
  server.Get(any_path, without_body);
  server.Options(any_path, without_body);
  server.Post(any_path, with_body);
  server.Put(any_path, with_body);
  server.Patch(any_path, with_body);
  server.Delete(any_path, with_body);
}

void HttpServer::Socket::log_exception(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    log.write(LogLevel::error, "exception in a handler", {{"reason", error.what()}});
  } catch (...) {
    log.write(LogLevel::error, "exception in a handler", {});
  }
}

/// Here is answered what need not, or must not, get as far as the library's own routes, which are regular expressions: all
/// requests but those for a file, and those whose bodies it decodes.
httplib::Server::HandlerResponse HttpServer::Socket::answer_before_routing(const httplib::Request& source,
                                                                           httplib::Response& target) {
  using HandlerResponse = httplib::Server::HandlerResponse;
  if (const auto& problem = exchange.connection->problem()) {
    refuse(problem->code, problem->detail, source, target);
    return HandlerResponse::Handled;
  }
  const bool may_be_file = has_pages && (source.method == "GET" || source.method == "HEAD");
  if (may_be_file || !is_plain_body(source)) return HandlerResponse::Unhandled;
  HttpRequest request = request_of(source);
  request.body = exchange.connection->unread();
  exchange.connection->skip_unread();
  answer(std::move(request), target);
  return HandlerResponse::Handled;
}

void HttpServer::Socket::answer(HttpRequest request, httplib::Response& target) {
  const auto started_at = std::chrono::steady_clock::now();
  look_at_source(request);
  HttpResponse response = router.handle(request);
  add_common_headers(request, response);
  add_cors_headers(request, response);
  send(response, target);
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started_at);
  const std::string_view code = response.code ? wire_name(*response.code) : std::string_view{};
  metrics.request_answered({response.route, response.status, code, took});
  // The route, not the path: a path may hold a link.
  log.write(level_of(response.status), "request",
            {{"id", request.request_id},
             {"method", request.method},
             {"route", response.route.empty() ? "-" : response.route},
             {"status", std::to_string(response.status)},
             {"code", code.empty() ? "-" : std::string{code}},
             {"reason", response.log_detail.empty() ? "-" : response.log_detail},
             {"peer", request.source.peer_address.text()},
             {"client", request.source.client_address.text()},
             {"duration_us", std::to_string(took.count())}});
}

/// A proxy that was forgotten in the configuration makes one client of all of its own: told once, for anybody can send this.
void HttpServer::Socket::look_at_source(const HttpRequest& request) {
  if (request.source.peer == RequestSource::Peer::trusted_proxy || !request.header("x-forwarded-for")) return;
  if (told_of_forwarding.exchange(true)) return;
  log.write(LogLevel::warning,
            "X-Forwarded-For is ignored: if the peer is your proxy, add it to server.trusted_proxies",
            {{"peer", request.source.peer_address.text()}});
}

void HttpServer::Socket::add_common_headers(const HttpRequest& request, HttpResponse& response) const {
  if (!response.has_header("Cache-Control")) response.set_header("Cache-Control", "no-store");
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("X-Request-Id", request.request_id);
}

/// Exact origins only (Fetch standard, CORS protocol). No credentials: tokens travel in a header that the page sets.
void HttpServer::Socket::add_cors_headers(const HttpRequest& request, HttpResponse& response) const {
  if (response.has_header("Access-Control-Allow-Origin") || settings.cors_origins.empty()) return;
  response.set_header("Vary", "Origin");
  const auto origin = request.header("origin");
  if (!origin ||
      std::find(settings.cors_origins.begin(), settings.cors_origins.end(), *origin) == settings.cors_origins.end())
    return;
  response.set_header("Access-Control-Allow-Origin", std::string{*origin});
  response.set_header("Access-Control-Expose-Headers", "Waxseal-Code, Retry-After, X-Request-Id");
  if (request.method != "OPTIONS") return;
  response.set_header("Access-Control-Allow-Methods", "GET, POST");
  response.set_header("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id");
  response.set_header("Access-Control-Max-Age", "600");
}

void HttpServer::Socket::send(const HttpResponse& response, httplib::Response& target) {
  target.status = response.status;
  for (const auto& [name, value] : response.headers) target.set_header(name, value);
  if (response.status != 204) target.set_content(response.body, response.content_type);
}

/// What httplib refuses by itself, before a route is asked: an unreadable request, a header or path too long, an unknown
/// method. Answers of ours pass untouched.
httplib::Server::HandlerResponse HttpServer::Socket::answer_refused(const httplib::Request& source,
                                                                    httplib::Response& target) {
  if (target.has_header("X-Request-Id")) return httplib::Server::HandlerResponse::Unhandled;
  const ErrorCode code = target.status == 413   ? ErrorCode::payload_too_large
                         : target.status >= 500 ? ErrorCode::internal
                                                : ErrorCode::parse_error;
  refuse(code, public_detail(code), source, target);
  return httplib::Server::HandlerResponse::Handled;
}

void HttpServer::Socket::refuse(ErrorCode code, std::string_view detail, const httplib::Request& source,
                                httplib::Response& target) {
  HttpResponse response = error_response(code, detail);
  HttpRequest request = request_of(source);
  add_common_headers(request, response);
  add_cors_headers(request, response);
  response.set_header("Connection", "close");
  send(response, target);
  metrics.request_answered({{}, response.status, wire_name(code), {}});
  log.write(level_of(response.status), "request refused",
            {{"id", request.request_id},
             {"status", std::to_string(response.status)},
             {"code", std::string{wire_name(code)}},
             {"peer", request.source.peer_address.text()},
             {"client", request.source.client_address.text()}});
}

HttpServer::HttpServer(HttpServerSettings settings, const Router& router, Log& log, RandomSource& random,
                       Metrics& metrics)
    : settings_(std::move(settings)),
      router_(router),
      log_(log),
      random_(random),
      socket_(new Socket{settings_, router_, log_, random_, metrics}) {
  socket_->configure();
}

HttpServer::~HttpServer() = default;

Result<void> HttpServer::serve_pages(const StaticPages& pages) {
  httplib::Headers headers;
  for (const auto& [name, value] : pages.headers) headers.emplace(name, value);
  socket_->has_pages = true;
  if (socket_->server.set_mount_point("/", pages.folder, headers)) return {};
  return fail(ErrorCode::internal, pages.folder + " is not a folder");
}

Result<std::string> HttpServer::bind() {
  Address address = parse_address(settings_.listen);
  if (address.port == 0) {
    address.port = socket_->server.bind_to_any_port(address.host);
  } else if (!socket_->server.bind_to_port(address.host, address.port)) {
    address.port = -1;
  }
  if (address.port <= 0)
    return fail(ErrorCode::unavailable, settings_.listen + " cannot be listened on: in use, or not of this machine");
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

void HttpServer::serve_connection(int socket) { socket_->server.serve(socket); }

PoolUse HttpServer::threads() const { return {socket_->answering, settings_.threads, 0}; }

void HttpServer::run() {
  socket_->started = true;
  if (!socket_->server.stopping) {
    socket_->start_answering();
    socket_->server.listen_after_bind();
    socket_->server.pool->stop();
  }
  socket_->finished = true;
}

void HttpServer::stop() {
  socket_->server.stopping = true;
  // httplib forgets a stop that comes before it has begun to accept.
  while (socket_->started && !socket_->finished && !socket_->server.is_running()) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  socket_->server.stop();
}

}  // namespace waxseal::server
