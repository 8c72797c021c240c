// What cpp-httplib alone can do here: a handler that reads the body of a POST and answers as much as Waxseal does. Threads, time
// limits and socket options are Waxseal's. It is the measure of what Waxseal adds, and the receiver of its webhook.
//
//   waxseal_empty_handler      prints "listening on http://127.0.0.1:PORT"

#include <sys/socket.h>

#include <iostream>

#include <httplib.h>

int main() {
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(256); };  // an open connection holds one of its threads
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1000);
  server.set_keep_alive_timeout(75);
  server.set_payload_max_length(65536);
  const auto answer = [](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
    std::string body;
    reader([&](const char* data, std::size_t size) {
      body.append(data, size);
      return true;
    });
    response.set_content(R"({"detail":"Email verified successfully","code":"verified"})", "application/json");
  };
  server.Post("/api/v1/accounts/verify-email/", answer);
  const int port = server.bind_to_any_port("127.0.0.1");
  std::cout << "listening on http://127.0.0.1:" << port << std::endl;
  server.listen_after_bind();
}
