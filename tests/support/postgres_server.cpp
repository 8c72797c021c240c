#include "support/postgres_server.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <pqxx/pqxx>

#include "support/temp_folder.hpp"

namespace waxseal::test {
namespace {

constexpr const char* absent = "SKIPPED: PostgreSQL is not installed: apt-get install postgresql";

bool is_installed() { return std::filesystem::exists("/usr/lib/postgresql"); }

std::string first_line_of(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  return text.substr(0, text.find('\n'));
}

/// Ends with this program: the script stops its server at the end of its standard input.
class OwnServer {
 public:
  OwnServer() {
    const std::string command =
        std::string{"python3 "} + WAXSEAL_SOURCES + "/tests/support/postgres_cluster.py hold '" + file_.string() + "'";
    script_ = popen(command.c_str(), "we");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!std::filesystem::exists(file_)) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error{"PostgreSQL does not start"};
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }
  ~OwnServer() { pclose(script_); }
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;
  std::string url() const { return first_line_of(file_); }

 private:
  TempFolder folder_;
  std::filesystem::path file_ = folder_ / "server";
  FILE* script_;
};

}  // namespace

const std::string& postgres_server_url() {
  static const std::string url = [] {
    const char* shared = std::getenv("WAXSEAL_TEST_POSTGRES");
    if (shared != nullptr && std::filesystem::exists(shared)) return first_line_of(shared);
    if (!is_installed()) throw std::runtime_error{absent};
    static const OwnServer own;
    return own.url();
  }();
  return url;
}

std::string new_postgres_schema(const std::string& options) {
  static std::atomic<int> number{0};
  const std::string name = "test_" + std::to_string(getpid()) + "_" + std::to_string(++number);
  pqxx::connection connection{postgres_server_url()};
  pqxx::nontransaction statements{connection};
  statements.exec("DROP SCHEMA IF EXISTS " + name + " CASCADE");
  statements.exec("CREATE SCHEMA " + name);
  return postgres_server_url() + "&options=-csearch_path%3D" + name + options;
}

}  // namespace waxseal::test
