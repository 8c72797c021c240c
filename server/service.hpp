#pragma once
/// @file service.hpp
/// Everything that answers requests and sends mails, wired together once.

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <waxseal/server/extensions.hpp>

#include "adapters/file_mail/file_inbox.hpp"
#include "adapters/html/libxml2_text.hpp"
#include "adapters/icu/icu_time_words.hpp"
#include "adapters/mime/gmime_composer.hpp"
#include "adapters/prometheus/prometheus_metrics.hpp"
#include "adapters/templates/built_in_templates.hpp"
#include "adapters/templates/folder_templates.hpp"
#include "adapters/templates/mustache_renderer.hpp"
#include "adapters/templates/sentences.hpp"
#include "adapters/templates/templated_mail.hpp"
#include "admin_service.hpp"
#include "application.hpp"
#include "demo/demo_routes.hpp"
#include "flows/deliver_event.hpp"
#include "http/api.hpp"
#include "http/http_server.hpp"
#include "mail_worker.hpp"

namespace waxseal::server {

struct ServiceOptions {
  bool demo = false;       ///< Adds the routes of the demo.
  std::string demo_pages;  ///< Folder of its built pages; empty: none.
  Extensions extensions;   ///< What stands in for parts of the product.
};

class Service {
 public:
  /// Starts the workers of mails and events. @param application, storage, keys  Outlive the service.
  /// @param token_verifier  Null: JWTs are not taken.
  Service(Application& application, StorageEngine& storage, LinkKeys& keys,
          std::unique_ptr<TokenVerifier> token_verifier, ServiceOptions options);

  /// See HttpServer: takes the address, and that of the admin listener, which it tells the log.
  Result<std::string> bind();

  /// Answers requests and sends mails until `stop`, and sees the last of both through.
  void run();

  /// From any thread.
  void stop() {
    for (const MailLane& lane : mail_lanes_) lane.sender->stop();
    if (event_sender_) event_sender_->stop();
    server_.stop();
  }

 private:
  /// The site's own part, or ours.
  template <typename Part>
  static const Part& either(const std::shared_ptr<const Part>& theirs, const std::type_identity_t<Part>& ours) {
    return theirs ? *theirs : ours;
  }
  /// What one thread needs to hand mails over: a sender is called from one at a time.
  struct MailLane {
    std::shared_ptr<MailSender> sender;
    std::unique_ptr<DeliverMail> deliver;
  };
  std::vector<MailLane> make_mail_lanes();
  std::vector<MailWorker::DeliverNext> deliveries();
  void tell(const EmailChange& change);
  std::optional<EventOrder> order_event(EmailChange::Reason reason);

  Application& application_;
  StorageEngine& storage_;
  AccountStore& store_ = storage_.accounts();
  LinkKeys& keys_;
  std::unique_ptr<TokenVerifier> token_verifier_;
  ServiceOptions options_;

  MailPolicy mail_policy_ = mail_policy_of(application_.settings());
  const Extensions& extensions_ = options_.extensions;
  PrometheusMetrics metrics_;
  LinkIssuer issuer_{application_.policy(), keys_, extensions_.url_builder.get()};
  Outbox& outbox_ = storage_.outbox();
  BuiltInTemplates built_in_templates_;
  FolderTemplates folder_templates_{application_.settings().register_email.templates_dir, built_in_templates_};
  IcuTimeWords time_words_;
  MustacheRenderer mustache_renderer_;
  Libxml2Text libxml2_text_;
  TemplatedMail templates_{{either(extensions_.template_selector, folder_templates_),
                            either(extensions_.template_renderer, mustache_renderer_),
                            either(extensions_.html_to_text, libxml2_text_), extensions_.mail_context_builder.get()}};
  GmimeComposer composer_;
  std::vector<MailLane> mail_lanes_ = make_mail_lanes();
  std::unique_ptr<EventSender> event_sender_ = application_.make_event_sender();
  DeliverEvent deliver_event_{mail_policy_.give_up_after,
                              event_sender_.get(),
                              {outbox_, application_.clock(), application_.random(), application_.log(), metrics_}};
  MailWorker event_worker_{{[this] { return deliver_event_.deliver_next(); }}, application_.log()};
  MailWorker mail_worker_{deliveries(), application_.log()};

  LimitPolicy limits_ = limit_policy_of(application_.settings());
  RegisterEmail register_email_{application_.policy(),
                                limits_,
                                application_.rules(),
                                {store_, application_.clock(), application_.random(), [this] { mail_worker_.wake(); },
                                 [this](const EmailChange& change) { tell(change); },
                                 [this](EmailChange::Reason reason) { return order_event(reason); }}};
  VerifyEmail verify_email_{application_.policy(),
                            application_.rules(),
                            {store_, keys_, application_.clock(),
                             [this](const EmailChange& change) {
                               mail_worker_.wake();  // a notice may wait
                               tell(change);
                             },
                             [this](EmailChange::Reason reason) { return order_event(reason); },
                             [this](const Account& account) {
                               return register_email_.notice_to(
                                   account, application_.settings().register_email.default_language);
                             }}};
  UndoEmail undo_email_{application_.policy(),
                        application_.rules(),
                        {store_, keys_, application_.clock(), application_.random(), [this] { mail_worker_.wake(); },
                         [this](const EmailChange& change) { tell(change); },
                         [this](EmailChange::Reason reason) { return order_event(reason); }}};
  Authenticate authenticate_{authentication_schemes_of(application_.settings()),
                             {store_, application_.clock(), token_verifier_.get()}};
  Api api_{api_settings_of(application_.settings()),
           application_.policy(),
           application_.rules(),
           {store_, keys_, authenticate_, register_email_, verify_email_, undo_email_,
            extensions_.request_validator.get(), extensions_.response_builder.get(), metrics_}};

  FileInbox inbox_{application_.settings().mail.directory};
  BadLinks bad_links_{application_.policy(),
                      application_.rules(),
                      issuer_,
                      {store_, verify_email_, undo_email_, application_.clock(), application_.random()}};
  DemoRoutes demo_routes_{
      {store_, storage_.account_admin(), inbox_, bad_links_, application_.clock(), application_.random()}};

  Router router_;
  HttpServer server_{
      {application_.settings().server.listen, static_cast<std::size_t>(application_.settings().server.threads),
       application_.settings().server.cors_origins, application_.trusted_proxies()},
      router_,
      application_.log(),
      application_.random(),
      metrics_};

  std::unique_ptr<AdminService> admin_;  ///< None: server.admin_listen is empty, or `bind` was not called.
};

}  // namespace waxseal::server
