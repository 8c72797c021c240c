#include "http/http_server.hpp"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include <waxseal/email_address.hpp>

#include "http/error_response.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t keep_alive_requests = 1000;
constexpr time_t keep_alive_timeout_s = 5;
constexpr time_t read_timeout_s = 5;
constexpr time_t write_timeout_s = 5;
constexpr std::size_t request_id_bytes = 8;
constexpr std::size_t max_request_id_characters = 64;

/// The request ids of a proxy in front are kept if they are fit for a header and a log.
std::string request_id_of(const httplib::Request& request, RandomSource& random) {
  std::string given = request.get_header_value("X-Request-Id");
  const bool fit = !given.empty() && given.size() <= max_request_id_characters &&
                   std::all_of(given.begin(), given.end(), [](unsigned char c) {
                     return std::isalnum(c) || c == '-' || c == '_' || c == '.';
                   });
  return fit ? given : random.hex(request_id_bytes);
}

HttpRequest request_of(const httplib::Request& request, RandomSource& random) {
  HttpRequest result;
  result.method = request.method;
  result.path = request.path;
  for (const auto& [name, value] : request.headers) result.headers.emplace(ascii_lower(name), value);
  result.request_id = request_id_of(request, random);
  return result;
}

/// Takes in a body, or all of it without keeping it once it is too long: what is left unread would be taken for the next
/// request of the connection.
class BodyCollector {
 public:
  explicit BodyCollector(HttpRequest& request) : request_(request) {}

  bool append(std::string& target, const char* data, std::size_t size) {
    total_ += size;
    if (total_ > max_body_bytes) {
      request_.body_too_large = true;
      request_.body.clear();
      request_.multipart.reset();
    } else {
      target.append(data, size);
    }
    return true;
  }

 private:
  HttpRequest& request_;
  std::size_t total_ = 0;
};

void read_multipart(const httplib::ContentReader& reader, HttpRequest& request) {
  BodyCollector collector{request};
  std::vector<std::pair<std::string, std::string>> fields;
  const bool complete = reader(
      [&](const httplib::MultipartFormData& part) {
        fields.emplace_back(part.name, "");
        return true;
      },
      [&](const char* data, std::size_t size) { return collector.append(fields.back().second, data, size); });
  if (complete && !request.body_too_large) request.multipart = std::move(fields);
}

void read_request_body(const httplib::Request& source, const httplib::ContentReader& reader, httplib::Response& response,
                       HttpRequest& request) {
  // Without either header there is no body; httplib would wait for one until the time-out.
  if (!source.has_header("Content-Length") && !source.has_header("Transfer-Encoding")) return;
  if (source.is_multipart_form_data()) {
    read_multipart(reader, request);
  } else {
    BodyCollector collector{request};
    reader([&](const char* data, std::size_t size) { return collector.append(request.body, data, size); });
  }
  if (response.status == 413) request.body_too_large = true;
  response.status = -1;  // what httplib thinks of the body is told by the router's answer
}

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

LogLevel level_of(int status) { return status >= 500 ? LogLevel::error : LogLevel::info; }

}  // namespace

/// The library's server, and what answers its callbacks.
struct HttpServer::Socket {
  HttpServerSettings& settings;
  const Router& router;
  Log& log;
  RandomSource& random;
  httplib::Server server{};
  std::atomic<bool> stopping{false};

  void configure();
  void answer(HttpRequest request, const httplib::Request& source, httplib::Response& target);
  void add_common_headers(const HttpRequest& request, HttpResponse& response) const;
  void add_cors_headers(const HttpRequest& request, HttpResponse& response) const;
  static void send(const HttpResponse& response, httplib::Response& target);
  httplib::Server::HandlerResponse answer_refused(const httplib::Request& source, httplib::Response& target);
};

void HttpServer::Socket::configure() {
  server.new_task_queue = [this] { return new httplib::ThreadPool(settings.threads); };
  server.set_socket_options(set_socket_options);
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(keep_alive_requests);
  server.set_keep_alive_timeout(keep_alive_timeout_s);
  server.set_read_timeout(read_timeout_s);
  server.set_write_timeout(write_timeout_s);
  server.set_payload_max_length(max_body_bytes);

  const auto with_body = [this](const httplib::Request& source, httplib::Response& target,
                                const httplib::ContentReader& reader) {
    HttpRequest request = request_of(source, random);
    read_request_body(source, reader, target, request);
    answer(std::move(request), source, target);
  };
  const auto without_body = [this](const httplib::Request& source, httplib::Response& target) {
    answer(request_of(source, random), source, target);
  };
  const std::string any_path = R"([\s\S]*)";
  server.Get(any_path, without_body);
  server.Options(any_path, without_body);
  server.Post(any_path, with_body);
  server.Put(any_path, with_body);
  server.Patch(any_path, with_body);
  server.Delete(any_path, with_body);
  server.set_error_handler(httplib::Server::HandlerWithResponse{
      [this](const httplib::Request& source, httplib::Response& target) { return answer_refused(source, target); }});
  server.set_exception_handler([this](const httplib::Request&, httplib::Response& target, std::exception_ptr) {
    log.write(LogLevel::error, "exception in a handler", {});
    send(error_response({ErrorCode::internal, ""}), target);
  });
}

void HttpServer::Socket::answer(HttpRequest request, const httplib::Request& source, httplib::Response& target) {
  const auto started = std::chrono::steady_clock::now();
  HttpResponse response = router.handle(request);
  add_common_headers(request, response);
  add_cors_headers(request, response);
  send(response, target);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
  log.write(level_of(response.status), "request",
            {{"id", request.request_id},
             {"method", request.method},
             {"path", request.path},
             {"status", std::to_string(response.status)},
             {"code", response.code ? std::string{wire_name(*response.code)} : "-"},
             {"reason", response.log_detail.empty() ? "-" : response.log_detail},
             {"peer", source.remote_addr},
             {"duration_us", std::to_string(took.count())}});
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
  if (!origin || std::find(settings.cors_origins.begin(), settings.cors_origins.end(), *origin) == settings.cors_origins.end()) return;
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
httplib::Server::HandlerResponse HttpServer::Socket::answer_refused(const httplib::Request& source, httplib::Response& target) {
  if (target.has_header("X-Request-Id")) return httplib::Server::HandlerResponse::Unhandled;
  const ErrorCode code = target.status == 413 ? ErrorCode::payload_too_large
                         : target.status >= 500 ? ErrorCode::internal
                                                : ErrorCode::parse_error;
  HttpResponse response = error_response({code, "refused by the HTTP library"});
  HttpRequest request = request_of(source, random);
  add_common_headers(request, response);
  log.write(level_of(response.status), "request refused",
            {{"id", request.request_id}, {"status", std::to_string(response.status)}, {"peer", source.remote_addr}});
  send(response, target);
  return httplib::Server::HandlerResponse::Handled;
}

HttpServer::HttpServer(HttpServerSettings settings, const Router& router, Log& log, RandomSource& random)
    : settings_(std::move(settings)), router_(router), log_(log), random_(random),
      socket_(new Socket{settings_, router_, log_, random_}) {
  socket_->configure();
}

HttpServer::~HttpServer() = default;

Result<void> HttpServer::serve_pages(const StaticPages& pages) {
  httplib::Headers headers;
  for (const auto& [name, value] : pages.headers) headers.emplace(name, value);
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
  if (address.port <= 0) return fail(ErrorCode::unavailable, settings_.listen + " cannot be listened on: in use, or not of this machine");
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

void HttpServer::run() {
  if (!socket_->stopping) socket_->server.listen_after_bind();
}

void HttpServer::stop() {
  socket_->stopping = true;
  socket_->server.stop();
}

}  // namespace waxseal::server
