#include <algorithm>
#include <charconv>
#include <filesystem>

#include <toml++/toml.h>

#include "config/check_configuration.hpp"
#include "config/setting_keys.hpp"
#include "config/settings.hpp"

extern char** environ;

namespace waxseal::server {
namespace {

/// A value as written, whatever its source.
using RawValue = std::variant<std::string, bool, std::int64_t, std::vector<std::string>>;

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words)
    text.append(text.empty() ? "" : ", ").append("\"").append(word).append("\"");
  return text;
}

/// Puts a value where the key says, or says what would be allowed.
class Assign {
 public:
  Assign(const SettingKey& key, Settings& settings, const RawValue& value)
      : key_(key), settings_(settings), value_(value) {}

  std::optional<std::string> operator()(const std::function<std::string&(Settings&)>& field) const {
    const auto* text = std::get_if<std::string>(&value_);
    if (text == nullptr) return "must be a text in quotes";
    if (auto problem = refuse_choice(*text)) return problem;
    field(settings_) = *text;
    return std::nullopt;
  }

  std::optional<std::string> operator()(const std::function<bool&(Settings&)>& field) const {
    const auto* flag = std::get_if<bool>(&value_);
    if (flag == nullptr) return "must be true or false";
    field(settings_) = *flag;
    return std::nullopt;
  }

  std::optional<std::string> operator()(const std::function<std::int64_t&(Settings&)>& field) const {
    const auto* number = std::get_if<std::int64_t>(&value_);
    if (number == nullptr || *number < key_.least || *number > key_.most) {
      return "must be a whole number from " + std::to_string(key_.least) + " to " + std::to_string(key_.most);
    }
    field(settings_) = *number;
    return std::nullopt;
  }

  std::optional<std::string> operator()(const std::function<std::chrono::seconds&(Settings&)>& field) const {
    const auto* text = std::get_if<std::string>(&value_);
    const auto parsed = text != nullptr ? parse_duration(*text) : std::nullopt;
    if (!parsed || parsed->count() < key_.least || parsed->count() > key_.most) {
      return "must be a duration such as \"7d\", \"12h\", \"30m\" or \"45s\", from 1s to " +
             duration_text(std::chrono::seconds{key_.most});
    }
    field(settings_) = *parsed;
    return std::nullopt;
  }

  std::optional<std::string> operator()(const std::function<std::vector<std::string>&(Settings&)>& field) const {
    const auto* list = std::get_if<std::vector<std::string>>(&value_);
    if (list == nullptr) return "must be a list of texts such as [\"a\", \"b\"]";
    for (const std::string& item : *list) {
      if (auto problem = refuse_choice(item)) return problem;
    }
    field(settings_) = *list;
    return std::nullopt;
  }

 private:
  std::optional<std::string> refuse_choice(const std::string& text) const {
    const auto& choices = key_.choices;
    if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) return std::nullopt;
    return "\"" + text + "\" is not known; allowed: " + joined(choices);
  }

  const SettingKey& key_;
  Settings& settings_;
  const RawValue& value_;
};

void assign(const SettingKey& key, const RawValue& value, const std::string& where, Configuration& configuration) {
  configuration.positions[key.full_name()] = where;
  if (auto problem = std::visit(Assign{key, configuration.settings, value}, key.field)) {
    configuration.problems.push_back({Problem::Severity::error, key.full_name(), where, std::move(*problem)});
  }
}

std::string position(const std::string& path, const toml::source_region& source) {
  return path + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

std::optional<RawValue> raw_value(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* array = node.as_array()) {
    std::vector<std::string> items;
    for (const toml::node& item : *array) {
      if (item.as_string() == nullptr) return std::nullopt;
      items.push_back(item.as_string()->get());
    }
    return items;
  }
  return std::nullopt;
}

/// The known name most like a wrong one, for "did you mean". Counts equal letters at the start and at the end.
std::string suggestion(std::string_view section, std::string_view name) {
  std::string_view best;
  std::size_t best_score = 0;
  for (const SettingKey& key : setting_keys()) {
    if (key.section != section) continue;
    std::size_t start = 0;
    while (start < std::min(name.size(), key.name.size()) && name[start] == key.name[start]) ++start;
    std::size_t end = 0;
    while (end < std::min(name.size(), key.name.size()) - start &&
           name[name.size() - 1 - end] == key.name[key.name.size() - 1 - end])
      ++end;
    if (start + end > best_score) best = key.name, best_score = start + end;
  }
  const bool close = best_score * 3 >= name.size() * 2;
  return close ? "; did you mean \"" + std::string{best} + "\"?" : "";
}

void read_section(const std::string& path, std::string_view section, const toml::table& table, Configuration& out) {
  for (const auto& [name, node] : table) {
    const std::string full_name = std::string{section} + "." + std::string{name.str()};
    const SettingKey* key = find_setting_key(section, name.str());
    if (key == nullptr) {
      out.problems.push_back({Problem::Severity::error, full_name, position(path, name.source()),
                              "unknown key" + suggestion(section, name.str())});
      continue;
    }
    const auto value = raw_value(node);
    if (!value) {
      out.problems.push_back({Problem::Severity::error, full_name, position(path, node.source()),
                              "must be a text, a number, true, false or a list of texts"});
      continue;
    }
    assign(*key, *value, position(path, node.source()), out);
  }
}

bool is_section(std::string_view name) {
  return std::any_of(setting_keys().begin(), setting_keys().end(),
                     [&](const auto& key) { return key.section == name; });
}

/// False if the file could not be read as TOML: then nothing is known of what is in it.
bool read_file(const std::string& path, Configuration& out) {
  std::error_code error_code;
  if (!std::filesystem::is_regular_file(path, error_code)) {
    out.problems.push_back(
        {Problem::Severity::error, "", path,
         std::filesystem::exists(path, error_code) ? "is no file" : "no such file; name one with --config FILE"});
    return false;
  }
  try {
    const toml::table file = toml::parse_file(path);
    for (const auto& [name, node] : file) {
      const auto* table = node.as_table();
      if (table == nullptr || !is_section(name.str())) {
        out.problems.push_back(
            {Problem::Severity::error, std::string{name.str()}, position(path, name.source()), "unknown section"});
      } else {
        read_section(path, name.str(), *table, out);
      }
    }
  } catch (const toml::parse_error& error) {
    out.problems.push_back(
        {Problem::Severity::error, "", position(path, error.source()), std::string{error.description()}});
    return false;
  }
  return true;
}

/// "WAXSEAL_SECTION_NAME"; with an empty name the start that all keys of the section share.
std::string environment_name(std::string_view section, std::string_view key_name) {
  std::string name = "WAXSEAL_" + std::string{section} + "_" + std::string{key_name};
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

/// What a text of the environment means for a key of this type. Lists are separated by commas.
RawValue environment_value(const SettingKey& key, const std::string& text) {
  if (std::holds_alternative<std::function<bool&(Settings&)>>(key.field)) {
    if (text == "true" || text == "false") return text == "true";
  } else if (std::holds_alternative<std::function<std::int64_t&(Settings&)>>(key.field)) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return number;
  } else if (std::holds_alternative<std::function<std::vector<std::string>&(Settings&)>>(key.field)) {
    std::vector<std::string> items;
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t comma = std::min(text.find(',', start), text.size());
      items.push_back(text.substr(start, comma - start));
      start = comma + 1;
    }
    return items;
  }
  return text;
}

/// Secrets may stand in the environment themselves, under the name of their file's key without _FILE.
constexpr std::string_view secret_variables[] = {"WAXSEAL_MAIL_SMTP_PASSWORD", "WAXSEAL_SIGNING_DJANGO_SECRET",
                                                 "WAXSEAL_WEBHOOKS_SECRET", "WAXSEAL_AUTH_JWT_KEY"};

void read_environment(const Environment& environment, Configuration& out) {
  Environment unread = environment;
  for (const SettingKey& key : setting_keys()) {
    const auto variable = unread.find(environment_name(key.section, key.name));
    if (variable == unread.end()) continue;
    assign(key, environment_value(key, variable->second), variable->first, out);
    unread.erase(variable);
  }
  for (const std::string_view secret : secret_variables) unread.erase(std::string{secret});
  for (const auto& [name, value] : unread) {
    const auto names_section = [&, &variable = name](const SettingKey& key) {
      return variable.rfind(environment_name(key.section, ""), 0) == 0;
    };
    if (std::any_of(setting_keys().begin(), setting_keys().end(), names_section)) {
      out.problems.push_back({Problem::Severity::error, "", name, "no key of the configuration has this name"});
    }
  }
}

}  // namespace

std::string Settings::Webhooks::host() const {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return {};
  const std::string rest = ascii_lower(url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - (scheme + 3)));
  if (rest.rfind('[', 0) == 0) return rest.substr(1, rest.find(']') - 1);
  return rest.substr(0, rest.find(':'));
}

bool Configuration::has_errors() const {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Problem::Severity::error; });
}

bool sends_mails(const Settings& settings) {
  const auto& links = settings.register_email;
  if (links.verification_enabled) return true;
  const bool has_transport = settings.mail.transport != "smtp" || !settings.mail.smtp_url.empty();
  return links.notify_old_address && !links.from.empty() && has_transport;
}

std::string to_line(const Problem& problem) {
  std::string line = problem.severity == Problem::Severity::error ? "error: " : "warning: ";
  for (const std::string& part : {problem.where, problem.key}) {
    if (!part.empty()) line += part + ": ";
  }
  return line + problem.message;
}

Environment waxseal_environment() {
  Environment environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text{*variable};
    const std::size_t equals = text.find('=');
    if (text.rfind("WAXSEAL_", 0) == 0 && equals != std::string_view::npos) {
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return environment;
}

Configuration read_configuration(const std::string& path, const Environment& environment) {
  Configuration configuration;
  const bool known = read_file(path, configuration);
  read_environment(environment, configuration);
  if (!known) return configuration;  // what is missing, or contradicts itself, cannot be told
  read_secrets(environment, configuration);
  check_configuration(configuration);
  return configuration;
}

}  // namespace waxseal::server
