#include <ctime>
#include <iostream>
#include <memory>

#include <waxseal/check.hpp>

#include "cli/command.hpp"
#include "cli/inspect_link.hpp"

namespace waxseal::server {
namespace {

struct LinkOptions {
  std::string user_id;
  std::string email;
  std::string timestamp;
  std::string scheme;
  bool from_stdin = false;
  std::string url;
};

/// Signs links one after the other with what was opened once.
class LinkMaker {
 public:
  LinkMaker(Application& application, LinkKeys& keys, AccountStore* store, Scheme scheme)
      : application_(application), issuer_(application.policy(), keys), store_(store), scheme_(scheme) {}

  /// Signs what it is given. For ed25519 the account exists, and it counts as a request that mails nothing.
  Result<IssuedLink> make(const std::string& user_id, const std::string& email, const std::string& timestamp) {
    if (user_id.empty() || email.empty()) return fail(ErrorCode::invalid_fields, "user_id and email must not be empty");
    UnixTime issued_at = application_.clock().now();
    if (!timestamp.empty()) {
      const auto parsed = parse_timestamp(timestamp);
      if (!parsed) return fail(ErrorCode::invalid_fields, "the timestamp must be Unix seconds in decimal");
      issued_at = *parsed;
    }
    if (scheme_ == Scheme::django) return issuer_.issue_django(user_id, email, issued_at);

    ChangeRequest request;
    request.account_id = user_id;
    request.new_email = email;
    request.email_key = application_.rules().uniqueness_key(email);
    request.latest_only = application_.policy().latest_only ? LatestOnly::yes : LatestOnly::no;
    request.now = application_.clock().now();
    const auto version = store_->request_change(request);
    if (!version) return tl::make_unexpected(version.error());
    const auto account = store_->find_account(user_id);
    if (!account) return tl::make_unexpected(account.error());
    if (!*account) return fail(ErrorCode::user_not_found, "no account has the id " + user_id);
    return issuer_.issue_ed25519(**account, email, *version, issued_at);
  }

 private:
  Application& application_;
  LinkIssuer issuer_;
  AccountStore* store_;
  Scheme scheme_;
};

nlohmann::ordered_json link_json(const IssuedLink& issued) {
  return {{"signature", issued.link.signature}, {"url", issued.url}};
}

nlohmann::ordered_json link_of_line(LinkMaker& maker, const std::string& text) {
  const auto error = [](const std::string& why) { return nlohmann::ordered_json{{"error", why}}; };
  const auto row = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!row.is_object()) return error("not a JSON object");
  std::string values[3];
  const char* names[] = {"user_id", "email", "timestamp"};
  for (int i = 0; i < 3; ++i) {
    const auto member = row.find(names[i]);
    if (member != row.end() && member->is_string()) {
      values[i] = member->get<std::string>();
    } else if (member != row.end() && member->is_number_integer()) {
      values[i] = member->dump();
    } else if (member != row.end() || i < 2) {
      return error(std::string{names[i]} + " must be a text");
    }
  }
  const auto issued = maker.make(values[0], values[1], values[2]);
  return issued ? link_json(*issued) : error(issued.error().log_detail);
}

int make_links_of_lines(LinkMaker& maker) {
  bool all_good = true;
  for (std::string text; std::getline(std::cin, text);) {
    const auto result = link_of_line(maker, text);
    all_good = all_good && !result.contains("error");
    print_json(result);
  }
  return all_good ? exit_done : exit_failed;
}

int make_link(const CommandLine& line, const LinkOptions& options) {
  if (!options.from_stdin && (options.user_id.empty() || options.email.empty())) {
    std::cerr << "error: --user and --email are required, or --stdin\n";
    return exit_misuse;
  }
  const auto opened = OpenedApplication::open(line);
  if (!opened) return exit_failed;
  Application& application = **opened;
  const Scheme scheme = options.scheme.empty()       ? application.policy().issue
                        : options.scheme == "django" ? Scheme::django
                                                     : Scheme::ed25519;
  const auto keys = application.open_keys(scheme);
  if (!keys) return print_error(line, keys.error());
  AccountStore* store = nullptr;
  if (scheme == Scheme::ed25519) {
    const auto storage = application.open_storage();
    if (!storage) return print_error(line, storage.error());
    store = &(*storage)->accounts();
  }
  LinkMaker maker{application, **keys, store, scheme};
  if (options.from_stdin) return make_links_of_lines(maker);
  const auto issued = maker.make(options.user_id, options.email, options.timestamp);
  if (!issued) return print_error(line, issued.error());
  if (line.json) {
    print_json(link_json(*issued));
  } else {
    std::cout << issued->url << '\n';
  }
  return exit_done;
}

}  // namespace

void add_link_commands(CLI::App& app, CommandLine& line) {
  CLI::App* link = add_command(app, line, "link", "Make and explain links", {});
  link->require_subcommand(1);
  auto options = std::make_shared<LinkOptions>();

  CLI::App* make = add_command(*link, line, "new", "Sign a link and print it; mails nothing",
                               [&line, options] { return make_link(line, *options); });
  make->add_option("--user", options->user_id, "The account's id");
  make->add_option("--email", options->email, "The new address; signed as given, not judged");
  make->add_option("--timestamp", options->timestamp, "Unix seconds; now if absent");
  make->add_option("--scheme", options->scheme, "ed25519 or django; the configured one if absent")
      ->check(CLI::IsMember({"ed25519", "django"}));
  make->add_flag("--stdin", options->from_stdin,
                 "Read {\"user_id\",\"email\",\"timestamp\"} a line, print {\"signature\",\"url\"} a line");

  CLI::App* inspect = add_command(*link, line, "inspect", "Explain a link in words",
                                  [&line, options] { return inspect_link(line, options->url); });
  inspect->add_option("URL", options->url, "The link; - reads it from standard input")->required();
}

}  // namespace waxseal::server
