#include <iostream>

#include "adapters/mime/gmime_composer.hpp"
#include "cli/command.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t message_token_bytes = 16;

MailText test_words(const std::string& site) {
  const std::string about = site.empty() ? "" : " of " + site;
  return {"Test mail from Waxseal",
          "This mail was sent by `waxseal mail test`" + about +
              ".\n\nIt arrived: the transport that is configured works.\n",
          {}};
}

/// Where mails go, without a login or a secret.
std::string route_of(const Settings::Mail& mail) {
  if (mail.transport == "file") return "file, into " + mail.directory;
  if (mail.transport == "sendmail") return "sendmail, " + mail.sendmail_path;
  return "smtp, " + mail.smtp_url;
}

struct Attempt {
  std::string to;
  tl::expected<void, SendFailure> outcome;
};

/// Fails where there is no mail to be sent at all: the sender's own failure is part of the attempt.
Result<Attempt> send_test_mail(Application& application, const std::string& to) {
  const auto recipient = application.rules().parse(to);
  if (!recipient) return fail(ErrorCode::invalid_fields, to + ": " + recipient.error().log_detail);
  const MailPolicy policy = mail_policy_of(application.settings());
  if (policy.from.empty())
    return fail(ErrorCode::invalid_fields, "register_email.from is not set: a mail has a sender");
  const auto message = GmimeComposer{}.compose({policy.from, policy.reply_to, recipient->envelope(),
                                                application.random().hex(message_token_bytes),
                                                application.clock().now(), test_words(policy.site)});
  if (!message) return tl::make_unexpected(message.error());
  return Attempt{recipient->envelope(), application.make_mail_sender()->send(*message)};
}

int print_attempt(const CommandLine& line, const Attempt& attempt, const std::string& route) {
  const bool sent = attempt.outcome.has_value();
  if (line.json) {
    nlohmann::ordered_json json{{"sent", sent}, {"to", attempt.to}, {"transport", route}};
    if (!sent) {
      json["permanent"] = attempt.outcome.error().kind == SendFailure::Kind::permanent;
      json["reason"] = attempt.outcome.error().reason;
    }
    print_json(json);
  } else if (sent) {
    std::cout << "handed over for " << attempt.to << " (" << route << ")\n";
  } else {
    std::cerr << "error: not sent (" << route << ")\n  " << attempt.outcome.error().reason << '\n';
  }
  return sent ? exit_done : exit_failed;
}

int test_mail(const CommandLine& line, const std::string& to) {
  const auto opened = OpenedApplication::open(line);
  if (!opened) return exit_failed;
  const auto attempt = send_test_mail(**opened, to);
  if (!attempt) return print_error(line, attempt.error());
  return print_attempt(line, *attempt, route_of((**opened).settings().mail));
}

}  // namespace

void add_mail_commands(CLI::App& app, CommandLine& line) {
  CLI::App* mail = add_command(app, line, "mail", "Try the way that mails leave", {});
  mail->require_subcommand(1);
  const auto to = std::make_shared<std::string>();
  CLI::App* test = add_command(*mail, line, "test", "Send one mail now, past the outbox, and say what went wrong",
                               [&line, to] { return test_mail(line, *to); });
  test->add_option("--to", *to, "Who gets it")->required();
}

}  // namespace waxseal::server
