// Prints docs/configuration.md or docs/errors.md from the tables in the code, so that the two cannot drift apart:
// CTest compares, `cmake --build build/release --target update_docs` writes.

#include <cstdio>
#include <string>

#include <waxseal/error.hpp>

#include "config/setting_keys.hpp"

namespace {

using namespace waxseal::server;

std::string duration_text(std::chrono::seconds duration) {
  const auto count = duration.count();
  for (const auto& [unit, seconds] : {std::pair{'d', 86400}, std::pair{'h', 3600}, std::pair{'m', 60}}) {
    if (count > 0 && count % seconds == 0) return std::to_string(count / seconds) + unit;
  }
  return std::to_string(count) + "s";
}

std::string list_text(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "\"" : ", \"") + item + "\"";
  return "[" + text + "]";
}

std::string default_of(const SettingKey& key) {
  Settings defaults;
  struct Visitor {
    Settings& settings;
    std::string operator()(const std::function<std::string&(Settings&)>& field) {
      return "\"" + field(settings) + "\"";
    }
    std::string operator()(const std::function<bool&(Settings&)>& field) { return field(settings) ? "true" : "false"; }
    std::string operator()(const std::function<std::int64_t&(Settings&)>& field) {
      return std::to_string(field(settings));
    }
    std::string operator()(const std::function<std::chrono::seconds&(Settings&)>& field) {
      return "\"" + duration_text(field(settings)) + "\"";
    }
    std::string operator()(const std::function<std::vector<std::string>&(Settings&)>& field) {
      return list_text(field(settings));
    }
  };
  return std::visit(Visitor{defaults}, key.field);
}

std::string allowed_of(const SettingKey& key) {
  std::string text;
  for (const std::string_view choice : key.choices) text += (text.empty() ? "`" : ", `") + std::string{choice} + "`";
  if (std::holds_alternative<std::function<std::int64_t&(Settings&)>>(key.field)) {
    text = std::to_string(key.least) + " to " + std::to_string(key.most);
  }
  if (std::holds_alternative<std::function<std::chrono::seconds&(Settings&)>>(key.field)) {
    text = "`1s` to `" + duration_text(std::chrono::seconds{key.most}) + "`";
  }
  return text;
}

void print_configuration() {
  std::puts("# Configuration\n");
  std::puts(
      "One TOML file, `waxseal.toml` or what `--config` names. `waxseal check` reports everything wrong with it at "
      "once, by key, line");
  std::puts("and column; `waxseal serve` refuses to start on an error.\n");
  std::puts(
      "Every key can be set from the environment instead, as `WAXSEAL_SECTION_KEY`: `WAXSEAL_SERVER_LISTEN`. Items of "
      "a list are then");
  std::puts(
      "separated by commas. Secrets are files, or the variables `WAXSEAL_MAIL_SMTP_PASSWORD`, "
      "`WAXSEAL_AUTH_JWT_KEY` and `WAXSEAL_SIGNING_DJANGO_SECRET`;");
  std::puts(
      "never arguments. Durations are a number and a unit: `7d`, `12h`, `30m`, `45s`. Relative paths count from the "
      "working folder.\n");
  std::puts("This page is made from the table in `server/config/setting_keys.cpp`.");
  std::string_view section;
  for (const SettingKey& key : setting_keys()) {
    if (key.section != section) {
      section = key.section;
      std::printf("\n## [%s]\n\n| key | default | meaning |\n|---|---|---|\n", std::string{section}.c_str());
    }
    std::string meaning{key.meaning};
    if (const std::string allowed = allowed_of(key); !allowed.empty()) meaning += " Allowed: " + allowed + ".";
    std::printf("| `%s` | `%s` | %s |\n", std::string{key.name}.c_str(), default_of(key).c_str(), meaning.c_str());
  }
}

void print_errors() {
  std::puts("# Errors\n");
  std::puts(
      "Every code that the API sends (in `code` and in the header `Waxseal-Code`) or that the npm package gives. A "
      "shipped code is never");
  std::puts("renamed and never used for something else.\n");
  std::puts("This page is made from `core/include/waxseal/error_codes.def`.\n");
  std::puts("| code | detail | what to do next |\n|---|---|---|");
  for (const waxseal::ErrorCode code : waxseal::all_error_codes) {
    std::printf("| `%s` | %s | %s |\n", std::string{wire_name(code)}.c_str(), std::string{public_detail(code)}.c_str(),
                std::string{advice(code)}.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string page = argc == 2 ? argv[1] : "";
  if (page == "configuration") {
    print_configuration();
  } else if (page == "errors") {
    print_errors();
  } else {
    std::fputs("usage: reference_pages configuration|errors\n", stderr);
    return 2;
  }
  return 0;
}
