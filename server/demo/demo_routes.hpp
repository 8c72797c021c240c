#pragma once
/// @file demo_routes.hpp
/// The demo's own API below /demo/api: sign in without a password, an inbox, links that must not work. Exists only under
/// `waxseal serve --demo`.

#include "demo/bad_links.hpp"
#include "http/http_server.hpp"
#include "http/router.hpp"
#include "ports/account_admin.hpp"
#include "ports/account_store.hpp"
#include "ports/inbox.hpp"

namespace waxseal::server {

class DemoRoutes {
 public:
  struct Ports {
    AccountStore& accounts;
    AccountAdmin& admin;
    const Inbox& inbox;
    BadLinks& bad_links;
    const Clock& clock;
    RandomSource& random;
  };

  explicit DemoRoutes(Ports ports) : ports_(ports) {}

  /// The router must not outlive this object.
  void add_routes(Router& router);

 private:
  HttpResponse users(const HttpRequest& request);
  HttpResponse sign_in(const HttpRequest& request);
  HttpResponse me(const HttpRequest& request);
  HttpResponse inbox(const HttpRequest& request);
  HttpResponse mail_html(const HttpRequest& request);
  HttpResponse mail_raw(const HttpRequest& request);
  HttpResponse bad_link(const HttpRequest& request);

  Ports ports_;
};

/// The built pages of web-demo, with the headers of a strict site.
StaticPages demo_pages(std::string folder);

}  // namespace waxseal::server
