#include <iostream>

#include "cli/command.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t token_bytes = 20;  // as Django REST Framework's
constexpr std::size_t short_token_characters = 20;
constexpr std::size_t max_token_characters = 256;
constexpr std::size_t max_id_bytes = 255;

struct UserOptions {
  std::string id;
  std::string email;
  bool inactive = false;
  std::string token;
};

nlohmann::ordered_json account_json(const Account& account) {
  return {{"id", account.id}, {"email", account.email}, {"active", account.active}};
}

/// The key itself: from standard input for "-", else as it stands on the command line, which others can see.
Result<std::string> token_of(const std::string& option) {
  std::string token = option;
  if (option == "-") {
    std::getline(std::cin, token);
  } else {
    std::cerr << "warning: --token on the command line can be seen by others on this machine; use --token -\n";
  }
  const bool plain = token.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=") ==
                     std::string::npos;
  if (token.empty() || token.size() > max_token_characters || !plain) {
    return fail(ErrorCode::invalid_token, "a token is 1 to 256 characters of A-Z a-z 0-9 - . _ ~ + / =");
  }
  if (token.size() < short_token_characters) std::cerr << "warning: a token under 20 characters may be guessed\n";
  return token;
}

Result<void> refuse_bad_id(const std::string& id) {
  const bool printable =
      is_utf8(id) && std::all_of(id.begin(), id.end(), [](unsigned char c) { return c > 0x20 && c != 0x7f; });
  if (!id.empty() && id.size() <= max_id_bytes && printable) return {};
  return fail(ErrorCode::invalid_fields, "an id is 1 to 255 bytes of UTF-8 without spaces or control characters");
}

Result<Account> add_user(Application& application, const UserOptions& options) {
  if (const auto good = refuse_bad_id(options.id); !good) return tl::make_unexpected(good.error());
  const auto email = application.rules().parse(options.email);
  if (!email) return fail(ErrorCode::invalid_fields, options.email + ": " + email.error().log_detail);
  std::optional<std::string> token;
  if (!options.token.empty()) {
    auto given = token_of(options.token);
    if (!given) return tl::make_unexpected(given.error());
    token = std::move(*given);
  }
  const auto storage = application.open_storage();
  if (!storage) return tl::make_unexpected(storage.error());
  NewAccount account{options.id, email->text(), application.rules().uniqueness_key(email->text()), !options.inactive};
  if (token) account.token = hash_of_token(*token);
  account.now = application.clock().now();
  if (const auto added = (*storage)->account_admin().add_account(account); !added)
    return tl::make_unexpected(added.error());
  return Account{account.id, account.email, account.active, {}};
}

Result<Account> show_user(Application& application, const std::string& id) {
  const auto storage = application.open_storage();
  if (!storage) return tl::make_unexpected(storage.error());
  auto account = (*storage)->accounts().find_account(id);
  if (!account) return tl::make_unexpected(account.error());
  if (!*account) return fail(ErrorCode::user_not_found, "no account has the id " + id);
  return std::move(**account);
}

int print_account(const CommandLine& line, const Result<Account>& account, const std::string& done) {
  if (!account) return print_error(line, account.error());
  if (line.json) {
    print_json(account_json(*account));
  } else {
    std::cout << done << account->id << "  " << account->email << (account->active ? "" : "  inactive") << '\n';
  }
  return exit_done;
}

/// A new random token for the account, printed once: only its hash is kept.
int new_token(const CommandLine& line, Application& application, const std::string& id) {
  const auto storage = application.open_storage();
  if (!storage) return print_error(line, storage.error());
  const std::string token = application.random().hex(token_bytes);
  const auto added = (*storage)->account_admin().add_token(id, hash_of_token(token), application.clock().now());
  if (!added) return print_error(line, added.error());
  if (line.json) {
    print_json({{"id", id}, {"token", token}});
  } else {
    std::cout << token << '\n';
  }
  return exit_done;
}

}  // namespace

void add_user_commands(CLI::App& app, CommandLine& line) {
  CLI::App* user = add_command(app, line, "user", "Add and show accounts of Waxseal's own table", {});
  user->require_subcommand(1);
  auto options = std::make_shared<UserOptions>();

  CLI::App* add = add_command(*user, line, "add", "Add an account", [&line, options] {
    const auto opened = OpenedApplication::open(line);
    return opened ? print_account(line, add_user(**opened, *options), "added ") : exit_failed;
  });
  add->add_option("--id", options->id, "The account's id, 1 to 255 bytes")->required();
  add->add_option("--email", options->email, "Its address, taken as proven")->required();
  add->add_flag("--inactive", options->inactive, "The account may not sign in and its links are refused");
  add->add_option("--token", options->token, "An API token that it has already; - reads it from standard input");

  CLI::App* show = add_command(*user, line, "show", "Show an account", [&line, options] {
    const auto opened = OpenedApplication::open(line);
    return opened ? print_account(line, show_user(**opened, options->id), "") : exit_failed;
  });
  show->add_option("ID", options->id, "The account's id")->required();

  CLI::App* token = add_command(*user, line, "token", "Make an API token and print it, once", [&line, options] {
    const auto opened = OpenedApplication::open(line);
    return opened ? new_token(line, **opened, options->id) : exit_failed;
  });
  token->add_option("ID", options->id, "The account's id")->required();
}

}  // namespace waxseal::server
