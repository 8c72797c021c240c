#pragma once
/// @file service.hpp
/// Everything that answers requests and sends mails, wired together once.

#include <memory>
#include <string>

#include "adapters/file_mail/file_inbox.hpp"
#include "adapters/mime/gmime_composer.hpp"
#include "adapters/templates/mustache_templates.hpp"
#include "application.hpp"
#include "demo/demo_routes.hpp"
#include "http/api.hpp"
#include "http/http_server.hpp"
#include "mail_worker.hpp"

namespace waxseal::server {

struct ServiceOptions {
  bool demo = false;       ///< Adds the routes of the demo.
  std::string demo_pages;  ///< Folder of its built pages; empty: none.
};

class Service {
 public:
  /// Starts the mail worker. @param application, store, keys  Outlive the service.
  Service(Application& application, SqliteStore& store, LinkKeys& keys, ServiceOptions options);

  /// See HttpServer: takes the address.
  Result<std::string> bind();

  /// Answers requests and sends mails until `stop`, and sees the last of both through.
  void run() {
    server_.run();
    mail_worker_.stop();
  }

  /// From any thread.
  void stop() {
    sender_->stop();
    server_.stop();
  }

 private:
  Application& application_;
  SqliteStore& store_;
  LinkKeys& keys_;
  ServiceOptions options_;

  MailPolicy mail_policy_ = mail_policy_of(application_.settings());
  LinkIssuer issuer_{application_.policy(), keys_};
  SqliteOutbox outbox_{application_.database()};
  MustacheTemplates templates_;
  GmimeComposer composer_;
  std::unique_ptr<MailSender> sender_ = application_.make_mail_sender();
  DeliverMail deliver_mail_{application_.policy(),
                            mail_policy_,
                            application_.rules(),
                            issuer_,
                            {store_, outbox_, templates_, composer_, *sender_, application_.clock(),
                             application_.random(), application_.log()}};
  MailWorker mail_worker_{[this] { return deliver_mail_.deliver_next(); }, application_.log()};

  RegisterEmail register_email_{application_.policy(),
                                application_.rules(),
                                {store_, application_.clock(), application_.random(), [this] { mail_worker_.wake(); }}};
  VerifyEmail verify_email_{application_.policy(), application_.rules(), {store_, keys_, application_.clock()}};
  Api api_{{application_.settings().server.base_path, application_.settings().http.non_field_errors_key,
            application_.settings().register_email.default_language},
           application_.policy(),
           application_.rules(),
           {store_, keys_, register_email_, verify_email_}};

  FileInbox inbox_{application_.settings().mail.directory};
  BadLinks bad_links_{application_.policy(),
                      application_.rules(),
                      issuer_,
                      {store_, verify_email_, application_.clock(), application_.random()}};
  DemoRoutes demo_routes_{{store_, store_, inbox_, bad_links_, application_.clock(), application_.random()}};

  Router router_;
  HttpServer server_{
      {application_.settings().server.listen, static_cast<std::size_t>(application_.settings().server.threads),
       application_.settings().server.cors_origins},
      router_,
      application_.log(),
      application_.random()};
};

}  // namespace waxseal::server
