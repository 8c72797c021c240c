#include "demo/demo_routes.hpp"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "flows/authenticate.hpp"
#include "http/body.hpp"
#include "http/error_response.hpp"
#include "http/fields.hpp"

namespace waxseal::server {
namespace {

using nlohmann::ordered_json;

/// The accounts that script/demo makes.
constexpr const char* demo_account_ids[] = {"1", "2", "3"};
constexpr std::size_t token_bytes = 20;
constexpr std::size_t most_mails = 50;

HttpResponse json_response(const ordered_json& body) {
  HttpResponse response;
  response.body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  return response;
}

ordered_json account_json(const Account& account) { return {{"id", account.id}, {"email", account.email}}; }

/// The first line of the text part that is a URL: in our mails the link stands alone on its line.
ordered_json link_in(const std::string& text) {
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, end - start);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.rfind("http://", 0) == 0 || line.rfind("https://", 0) == 0) return line;
    start = end + 1;
  }
  return nullptr;
}

ordered_json mail_json(const InboxMail& mail) {
  return {{"id", mail.id},
          {"to", mail.to},
          {"from", mail.from},
          {"subject", mail.subject},
          {"date", mail.date},
          {"text", mail.text},
          {"has_html", !mail.html.empty()},
          {"link", link_in(mail.text)}};
}

bool is_demo_account(const std::string& id) {
  return std::find(std::begin(demo_account_ids), std::end(demo_account_ids), id) != std::end(demo_account_ids);
}

/// A name of another site that was made to point here (DNS rebinding) would let its pages read what these routes say.
bool is_for_this_machine(const HttpRequest& request) {
  const std::string_view host = request.header("host").value_or("");
  const std::string_view name = host.substr(0, host.rfind(':'));
  return name == "localhost" || name == "[::1]" || name.substr(0, 4) == "127.";
}

/// The body, unless a page of another site may have sent it: that can post forms anywhere, but JSON only after a preflight.
tl::expected<nlohmann::json, HttpResponse> read_json_body(const HttpRequest& request) {
  if (request.header("content-type").value_or("").substr(0, 16) != "application/json") {
    return tl::make_unexpected(error_response({ErrorCode::unsupported_media_type, "the demo takes JSON only"}));
  }
  return read_body(request);
}

HttpResponse no_such_account() { return error_response({ErrorCode::user_not_found, "no demo account has this id"}); }

HttpResponse no_such_mail() { return error_response({ErrorCode::not_found, "no such mail"}); }

}  // namespace

void DemoRoutes::add_routes(Router& router) {
  using Method = HttpResponse (DemoRoutes::*)(const HttpRequest&);
  const auto add = [&](const char* method, const char* path, Method handler) {
    router.add(method, path, [this, handler](const HttpRequest& request) {
      return is_for_this_machine(request) ? (this->*handler)(request)
                                          : error_response({ErrorCode::not_found, "another Host"});
    });
  };
  add("GET", "/demo/api/users", &DemoRoutes::users);
  add("POST", "/demo/api/sign-in", &DemoRoutes::sign_in);
  add("GET", "/demo/api/me", &DemoRoutes::me);
  add("GET", "/demo/api/inbox", &DemoRoutes::inbox);
  add("GET", "/demo/api/inbox/{id}/html", &DemoRoutes::mail_html);
  add("GET", "/demo/api/inbox/{id}/raw", &DemoRoutes::mail_raw);
  add("POST", "/demo/api/links", &DemoRoutes::bad_link);
}

HttpResponse DemoRoutes::users(const HttpRequest&) {
  auto list = ordered_json::array();
  for (const char* id : demo_account_ids) {
    const auto account = ports_.accounts.find_account(id);
    if (!account) return error_response(account.error());
    if (*account) list.push_back(account_json(**account));
  }
  return json_response({{"users", list}});
}

HttpResponse DemoRoutes::sign_in(const HttpRequest& request) {
  const auto body = read_json_body(request);
  if (!body) return body.error();
  FieldReader fields{*body};
  const std::string id = fields.text("user_id");
  if (!fields.errors().empty()) return field_error_response(fields.errors());
  if (!is_demo_account(id)) return no_such_account();
  const auto account = ports_.accounts.find_account(id);
  if (!account) return error_response(account.error());
  if (!*account) return no_such_account();
  const std::string token = ports_.random.hex(token_bytes);
  const auto added = ports_.admin.add_token(id, hash_of_token(token), ports_.clock.now());
  if (!added) return error_response(added.error());
  return json_response({{"token", token}, {"user", account_json(**account)}});
}

HttpResponse DemoRoutes::me(const HttpRequest& request) {
  const Authenticate by_token{{AuthenticationScheme::token}, {ports_.accounts, ports_.clock}};
  const auto account = by_token.identify({request.header("authorization"), std::nullopt});
  if (!account) return error_response(account.error().code, account.error().detail, account.error().log_detail);
  const auto state = ports_.accounts.link_state(account->id);
  if (!state) return error_response(state.error());
  ordered_json body = account_json(*account);
  body["pending"] = state->pending_email ? ordered_json(*state->pending_email) : ordered_json(nullptr);
  return json_response(body);
}

HttpResponse DemoRoutes::inbox(const HttpRequest&) {
  auto mails = ordered_json::array();
  for (const InboxMail& mail : ports_.inbox.newest(most_mails)) mails.push_back(mail_json(mail));
  return json_response({{"mails", mails}});
}

/// The HTML part in a page of its own, for a sandboxed frame. Its links open in the whole window.
HttpResponse DemoRoutes::mail_html(const HttpRequest& request) {
  const auto mail = ports_.inbox.find(request.path_values.at(0));
  if (!mail || mail->html.empty()) return no_such_mail();
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.body = mail->html;
  if (const std::size_t head = response.body.find("<head>"); head != std::string::npos) {
    response.body.insert(head + 6, "<base target=\"_top\">");
  }
  response.set_header("Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'");
  response.set_header("Referrer-Policy", "no-referrer");
  return response;
}

HttpResponse DemoRoutes::mail_raw(const HttpRequest& request) {
  const auto mail = ports_.inbox.find(request.path_values.at(0));
  if (!mail) return no_such_mail();
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = mail->raw;
  return response;
}

HttpResponse DemoRoutes::bad_link(const HttpRequest& request) {
  const auto body = read_json_body(request);
  if (!body) return body.error();
  FieldReader fields{*body};
  const std::string id = fields.text("user_id");
  const std::string kind = fields.text("kind");
  if (!fields.errors().empty()) return field_error_response(fields.errors());
  if (!is_demo_account(id)) return no_such_account();
  const auto link = ports_.bad_links.make(id, kind);
  if (!link) return error_response(link.error());
  return json_response({{"url", link->url}, {"explanation", link->explanation}});
}

StaticPages demo_pages(std::string folder) {
  return {std::move(folder),
          {{"Content-Security-Policy",
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; "
            "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
           {"Referrer-Policy", "no-referrer"},
           {"X-Content-Type-Options", "nosniff"},
           {"Cache-Control", "no-store"}}};
}

}  // namespace waxseal::server
