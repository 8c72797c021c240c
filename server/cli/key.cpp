#include <algorithm>
#include <iostream>

#include "cli/command.hpp"
#include "cli/words.hpp"

namespace waxseal::server {
namespace {

/// Until when a link that the key signed may still be in somebody's mailbox, and hold. Links of both purposes count.
UnixTime links_hold_until(Application& application, const std::vector<KeyDescription>& keys,
                          const KeyDescription& key) {
  const Settings::RegisterEmail& links = application.settings().register_email;
  const UnixTime last_signed = last_signed_at(keys, key, application.clock().now());
  return last_signed + std::max(links.verification_period, links.undo_period);
}

nlohmann::ordered_json key_json(const KeyDescription& key) {
  nlohmann::ordered_json json{{"kid", key.kid}, {"x", key.public_key}, {"created_unix_s", to_unix_s(key.created_at)}};
  json["retired_unix_s"] = key.retired_at ? nlohmann::ordered_json(to_unix_s(*key.retired_at)) : nullptr;
  return json;
}

std::optional<Error> refuse_without_folder(const Application& application) {
  if (!application.settings().signing.keys_dir.empty()) return std::nullopt;
  return Error{ErrorCode::internal, "signing.keys_dir is not set"};
}

/// Runs `work` on the key folder and prints the key that it returns.
template <typename Work>
int change_key(const CommandLine& line, const std::string& done, Work&& work) {
  const auto opened = OpenedApplication::open(line);
  if (!opened) return exit_failed;
  Application& application = **opened;
  if (const auto error = refuse_without_folder(application)) return print_error(line, *error);
  const Result<KeyDescription> key = work(application);
  if (!key) return print_error(line, key.error());
  if (line.json) {
    print_json(key_json(*key));
  } else {
    std::cout << done << ' ' << key->kid << '\n';
  }
  return exit_done;
}

int list_keys(const CommandLine& line) {
  const auto opened = OpenedApplication::open(line);
  if (!opened) return exit_failed;
  if (const auto error = refuse_without_folder(**opened)) return print_error(line, *error);
  Application& application = **opened;
  const auto keys = application.key_directory().list();
  if (!keys) return print_error(line, keys.error());
  if (line.json) {
    auto list = nlohmann::ordered_json::array();
    for (const KeyDescription& key : *keys) {
      list.push_back(key_json(key));
      if (!key.retired_at)
        list.back()["links_hold_until_unix_s"] = to_unix_s(links_hold_until(application, *keys, key));
    }
    print_json({{"keys", list}});
    return exit_done;
  }
  const KeyDescription* newest = nullptr;
  for (const KeyDescription& key : *keys) newest = key.retired_at ? newest : &key;
  for (const KeyDescription& key : *keys) {
    const std::string state =
        key.retired_at   ? "retired " + in_words(*key.retired_at)
        : &key == newest ? "signs"
                         : "verifies; its links hold until " + in_words(links_hold_until(application, *keys, key));
    std::cout << key.kid << "  made " << in_words(key.created_at) << "  " << state << '\n';
  }
  return exit_done;
}

/// Retires, and says what that cost: a leaked key must go at once, so that nothing stands in the way of it.
Result<KeyDescription> retire_key(Application& application, const std::string& kid) {
  KeyDirectory directory = application.key_directory();
  const auto before = directory.list();
  const UnixTime now = application.clock().now();
  auto retired = directory.retire_key(kid, now);
  if (!before || !retired) return retired;
  for (const KeyDescription& key : *before) {
    const UnixTime until = links_hold_until(application, *before, key);
    if (key.kid != kid || until <= now) continue;
    std::cerr << "warning: links that " << kid << " signed would have held until " << in_words(until)
              << "; they do not work any more\n";
  }
  if (const auto ring = directory.load(); ring && ring->newest() == nullptr)
    std::cerr << "warning: no key is left to sign with: run `waxseal key new`\n";
  return retired;
}

}  // namespace

void add_key_commands(CLI::App& app, CommandLine& line) {
  CLI::App* key = add_command(app, line, "key", "Make, list and retire signing keys", {});
  key->require_subcommand(1);
  add_command(*key, line, "new", "Make a key; a running server signs with it a second later", [&line] {
    return change_key(line, "made key", [](Application& application) {
      return application.key_directory().create_key(application.random(), application.clock().now());
    });
  });
  add_command(*key, line, "list", "List the keys, oldest first", [&line] { return list_keys(line); });
  auto kid = std::make_shared<std::string>();
  CLI::App* retire =
      add_command(*key, line, "retire", "Make a key verify nothing any more; its links stop working", [&line, kid] {
        return change_key(line, "retired key", [&](Application& application) { return retire_key(application, *kid); });
      });
  retire->add_option("KID", *kid, "The key's id, 8 hex digits")->required();
}

}  // namespace waxseal::server
