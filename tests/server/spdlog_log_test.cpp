#include "adapters/system/spdlog_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// What `work` writes to standard error.
template <typename Work>
std::string standard_error_of(Work work) {
  const TempFolder folder;
  const std::filesystem::path path = folder / "stderr";
  std::fflush(stderr);
  const int kept = dup(STDERR_FILENO);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  dup2(file, STDERR_FILENO);
  work();
  std::fflush(stderr);
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(file);
  return read_file(path);
}

std::string logged(LogFormat format, const std::string& value, const char* name = "who") {
  return standard_error_of([&] {
    SpdlogLog{LogLevel::info, format}.write(LogLevel::info, "it happened", {{name, value}});
  });
}

const std::string hostile[] = {"a\nb",   "a\r\nforged line", "\x1b[2J", std::string{"a\0b", 3},
                               "a\"b\\", "\xff\xfe",         "a b=c",   ""};

}  // namespace

TEST_CASE("A line of text has its time and level and event and values") {
  const std::string line = logged(LogFormat::text, "ada");
  CHECK(line.substr(line.find('Z')) == "Z info    it happened who=ada\n");
}

TEST_CASE("A value cannot forge a line or a value of its own") {
  for (const std::string& value : hostile) {
    INFO(value);
    const std::string line = logged(LogFormat::text, value);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    CHECK(line.back() == '\n');
    for (const char c : line.substr(0, line.size() - 1)) CHECK(static_cast<unsigned char>(c) >= 0x20);
    CHECK(line.find("who=\"") != std::string::npos);
  }
}

TEST_CASE("A line of JSON is one object whatever a value holds") {
  for (const std::string& value : hostile) {
    INFO(value);
    const std::string line = logged(LogFormat::json, value);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    const auto object = nlohmann::json::parse(line, nullptr, false);
    REQUIRE(object.is_object());
    CHECK(object["event"] == "it happened");
    CHECK(object["level"] == "info");
    CHECK(object.size() == 4);
    if (value != "\xff\xfe") CHECK(object["who"] == value);
  }
}

TEST_CASE("Control characters beyond ASCII's first 32 are escaped, letters beside them are not") {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string line = logged(format,
                                    "a\x7f"
                                    "b\xc2\x9b"
                                    "2J\xc2\x80\xc3\x9b\xc2\xa0\xe2\x82\x9b");
    INFO(line);
    CHECK(line.find("\"a\\u007fb\\u009b2J\\u0080\xc3\x9b\xc2\xa0\xe2\x82\x9b\"") != std::string::npos);
  }
}

TEST_CASE("A value that is too long is cut") {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    CHECK(logged(format, std::string(100000, 'x')).size() < 700);
    CHECK(logged(format, std::string(100000, '\n')).size() < 1300);
  }
}

TEST_CASE("A reason, which may be the words of others, is logged without addresses and signatures") {
  const std::string reason =
      "Key (email)=(ada@site.example) exists, https://site.example/?signature=" + std::string(43, 's');
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string line = logged(format, reason, "reason");
    CHECK(line.find("Key (email)=(a***@s***.example) exists, https://site.example/?signature=***\"") !=
          std::string::npos);
  }
}

TEST_CASE("What is less than the level that was asked for is not written") {
  const auto lines = standard_error_of([] {
    SpdlogLog log{LogLevel::warning, LogFormat::text};
    log.write(LogLevel::debug, "one", {});
    log.write(LogLevel::info, "two", {});
    log.write(LogLevel::warning, "three", {});
    log.write(LogLevel::error, "four", {});
  });
  CHECK(lines.find("one") == std::string::npos);
  CHECK(lines.find("two") == std::string::npos);
  CHECK(lines.find("three") != std::string::npos);
  CHECK(lines.find("four") != std::string::npos);
}

TEST_CASE("Braces and percent signs in a value are only characters") {
  CHECK(logged(LogFormat::text, "{} %v {0}").find("who=\"{} %v {0}\"") != std::string::npos);
}

TEST_CASE("Of many lines from many threads at once each is there, whole and in its thread's order", "[concurrent]") {
  constexpr int threads = 8, lines_each = 2000;
  const std::string text = standard_error_of([] {
    SpdlogLog log{LogLevel::info, LogFormat::text};
    std::vector<std::thread> writers;
    for (int thread = 0; thread < threads; ++thread) {
      writers.emplace_back([&log, thread] {
        for (int line = 0; line < lines_each; ++line) {
          log.write(LogLevel::info, "line", {{"thread", std::to_string(thread)}, {"number", std::to_string(line)}});
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
  });
  std::istringstream lines{text};
  std::vector<int> next(threads);
  int wrong = 0;
  for (std::string line; std::getline(lines, line);) {
    int thread = -1, number = -1;
    const std::size_t place = line.find("line thread=");
    const bool whole = place != std::string::npos &&
                       std::sscanf(line.c_str() + place, "line thread=%d number=%d", &thread, &number) == 2 &&
                       thread >= 0 && thread < threads;
    if (!whole || next[static_cast<std::size_t>(thread)]++ != number) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(next == std::vector<int>(threads, lines_each));
}

TEST_CASE("A line is written soon, though the log lives on") {
  const std::string text = standard_error_of([] {
    SpdlogLog log{LogLevel::info, LogFormat::text};
    for (int line = 0; line < 10; ++line) log.write(LogLevel::info, "line", {{"number", std::to_string(line)}});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    struct stat state {};
    while (fstat(STDERR_FILENO, &state) == 0 && state.st_size < 10 * 30 &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    CHECK(state.st_size >= 10 * 30);
  });
  CHECK(text.find("number=9") != std::string::npos);
}
