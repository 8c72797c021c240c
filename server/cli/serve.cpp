#include <csignal>
#include <iostream>
#include <thread>

#include <pthread.h>

#include "adapters/file_mail/file_inbox.hpp"
#include "adapters/mime/gmime_composer.hpp"
#include "adapters/templates/mustache_templates.hpp"
#include "cli/command.hpp"
#include "demo/demo_routes.hpp"
#include "http/api.hpp"
#include "http/http_server.hpp"
#include "mail_worker.hpp"

namespace waxseal::server {
namespace {

struct ServeOptions {
  bool demo = false;
  std::string demo_pages;
};

/// Everything that answers requests and sends mails, wired together once.
class Service {
 public:
  Service(Application& application, SqliteStore& store, LinkKeys& keys, const ServeOptions& options)
      : application_(application), store_(store), keys_(keys), options_(options) {
    api_.add_routes(router_);
    if (options_.demo) demo_routes_.add_routes(router_);
  }

  Result<std::string> bind() {
    if (options_.demo && !options_.demo_pages.empty()) {
      if (const auto pages = server_.serve_pages(demo_pages(options_.demo_pages)); !pages) return tl::make_unexpected(pages.error());
    }
    return server_.bind();
  }

  void run() { server_.run(); }
  void stop() { server_.stop(); }

 private:
  Application& application_;
  SqliteStore& store_;
  LinkKeys& keys_;
  ServeOptions options_;

  MailPolicy mail_policy_ = mail_policy_of(application_.settings());
  LinkIssuer issuer_{application_.policy(), keys_};
  SqliteOutbox outbox_{application_.database()};
  MustacheTemplates templates_;
  GmimeComposer composer_;
  std::unique_ptr<MailSender> sender_ = application_.make_mail_sender();
  DeliverMail deliver_mail_{application_.policy(), mail_policy_, application_.rules(), issuer_,
                            {store_, outbox_, templates_, composer_, *sender_, application_.clock(), application_.random(),
                             application_.log()}};
  MailWorker mail_worker_{[this] { return deliver_mail_.deliver_next(); }, application_.log()};

  RegisterEmail register_email_{application_.policy(), application_.rules(),
                                {store_, application_.clock(), application_.random(), [this] { mail_worker_.wake(); }}};
  VerifyEmail verify_email_{application_.policy(), application_.rules(), {store_, keys_, application_.clock()}};
  Api api_{{application_.settings().server.base_path, application_.settings().http.non_field_errors_key,
            application_.settings().register_email.default_language},
           application_.policy(), application_.rules(), {store_, keys_, register_email_, verify_email_}};

  FileInbox inbox_{application_.settings().mail.directory};
  BadLinks bad_links_{application_.policy(), application_.rules(), issuer_,
                      {store_, verify_email_, application_.clock(), application_.random()}};
  DemoRoutes demo_routes_{{store_, store_, inbox_, bad_links_, application_.clock(), application_.random()}};

  Router router_;
  HttpServer server_{{application_.settings().server.listen, static_cast<std::size_t>(application_.settings().server.threads),
                      application_.settings().server.cors_origins},
                     router_, application_.log(), application_.random()};
};

/// Blocks the signals that end the server in every thread that is started after it, and waits for them in one of its own.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a client that hangs up is an error of one write
  }

  int wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
    return signal;
  }

 private:
  sigset_t signals_{};
};

int serve(const CommandLine& line, const ServeOptions& options) {
  const StopSignal stop_signal;
  const auto opened = OpenedApplication::open(line);
  if (!opened) return exit_failed;
  Application& application = **opened;
  if (options.demo && application.settings().mail.transport != "file") {
    return print_error(line, {ErrorCode::internal, "--demo needs mail.transport = \"file\": its inbox reads that folder"});
  }
  const auto store = application.open_store();
  if (!store) return print_error(line, store.error());
  const auto keys = application.open_keys();
  if (!keys) return print_error(line, keys.error());

  Service service{application, **store, **keys, options};
  const auto address = service.bind();
  if (!address) return print_error(line, address.error());
  application.log().write(LogLevel::info, "listening", {{"address", "http://" + *address}, {"version", WAXSEAL_VERSION}});

  std::thread stopper{[&] {
    stop_signal.wait();
    application.log().write(LogLevel::info, "stopping", {});
    service.stop();
  }};
  service.run();
  pthread_kill(stopper.native_handle(), SIGTERM);  // ends the wait if the server ended by itself
  stopper.join();
  application.log().write(LogLevel::info, "stopped", {});
  return exit_done;
}

}  // namespace

void add_serve_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = add_command(app, line, "serve", "Answer requests and send mails until SIGTERM",
                                  [&line, options] { return serve(line, *options); });
  command->add_flag("--demo", options->demo, "Sign in without a password, built-in inbox: never for real accounts");
  command->add_option("--demo-pages", options->demo_pages, "Folder of the built demo pages, served at /");
}

}  // namespace waxseal::server
