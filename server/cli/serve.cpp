#include <sys/resource.h>

#include <algorithm>

#include "cli/command.hpp"
#include "cli/signals.hpp"
#include "service.hpp"

namespace waxseal::server {
namespace {

/// The demo gives a token to whoever asks: it must not be reached from elsewhere, and it reads its mails from a folder.
std::optional<Error> refuse_demo(const Settings& settings) {
  if (!is_loopback(settings.server.listen)) {
    return Error{ErrorCode::internal,
                 "--demo signs in without a password: server.listen must be of this machine, e.g. 127.0.0.1:8080"};
  }
  if (settings.mail.transport != "file") {
    return Error{ErrorCode::internal, "--demo needs mail.transport = \"file\": its inbox reads that folder"};
  }
  if (!settings.users.table.empty()) {
    return Error{ErrorCode::internal, "--demo makes accounts of its own: it does not run on an adopted users.table"};
  }
  const auto& schemes = settings.auth.schemes;
  if (std::find(schemes.begin(), schemes.end(), "token") == schemes.end()) {
    return Error{ErrorCode::internal, "--demo signs in by tokens: auth.schemes must hold \"token\""};
  }
  return std::nullopt;
}

/// From the first request to the last mail in hand.
int run_service(const CommandLine& line, Application& application, StorageEngine& storage, LinkKeys& keys,
                std::unique_ptr<TokenVerifier> token_verifier, const ServiceOptions& options, const Signals& signals) {
  Service service{application, storage, keys, std::move(token_verifier), options};
  const auto address = service.bind();
  if (!address) return print_error(line, address.error());
  application.log().write(LogLevel::info, "listening",
                          {{"address", "http://" + *address}, {"version", WAXSEAL_VERSION}});
  const SignalThread signal_thread{signals,
                                   {[&] {
                                      application.log().write(LogLevel::info, "stopping", {});
                                      service.stop();
                                    },
                                    [&] { application.reload_keys(); }}};
  service.run();
  return exit_done;
}

/// Every connection is a file, and the usual 1024 are few.
void raise_limit_of_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = std::max(files.rlim_cur, std::min<rlim_t>(files.rlim_max, 65536));
  setrlimit(RLIMIT_NOFILE, &files);
}

int serve(const CommandLine& line, const ServiceOptions& options) {
  raise_limit_of_files();
  const Signals signals;
  const auto opened = OpenedApplication::open(line, OpenedApplication::Warnings::print);
  if (!opened) return exit_failed;
  Application& application = **opened;
  if (const auto mistakes = application.check_templates(); !mistakes.empty()) {
    print_problems(mistakes);
    return exit_failed;
  }
  if (options.demo) {
    if (const auto refusal = refuse_demo(application.settings())) return print_error(line, *refusal);
  }
  const auto storage = application.open_storage();
  if (!storage) return print_error(line, storage.error());
  const auto keys = application.open_keys();
  if (!keys) return print_error(line, keys.error());
  auto token_verifier = application.make_token_verifier();
  if (!token_verifier) return print_error(line, token_verifier.error());

  const int exit_code = run_service(line, application, **storage, **keys, std::move(*token_verifier), options, signals);
  if (exit_code == exit_done) application.log().write(LogLevel::info, "stopped", {});
  return exit_code;
}

}  // namespace

void add_serve_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ServiceOptions>();
  CLI::App* command = add_command(app, line, "serve", "Answer requests and send mails until SIGTERM",
                                  [&line, options] { return serve(line, *options); });
  command->add_flag("--demo", options->demo, "Sign in without a password, built-in inbox: never for real accounts");
  command->add_option("--demo-pages", options->demo_pages, "Folder of the built demo pages, served at /");
}

}  // namespace waxseal::server
