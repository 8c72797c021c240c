#include "cli/front_end.hpp"

#include <algorithm>

#include "values/text.hpp"

namespace waxseal::server {
namespace {

/// "https://app.example" of "https://app.example/verify/?x".
std::string origin_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  return ascii_lower(url.substr(0, url.find_first_of("/?#", scheme + 3)));
}

std::string in_attribute(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// What a page needs to know besides where it is.
struct PageNeeds {
  std::string purpose;
  std::chrono::seconds period;
  std::string link_template;  ///< Empty: links have the usual form.
  bool keys = true;           ///< Its links are signed with published keys.
};

FrontEndPage page_of(const std::string& url, const PageNeeds& needs, const Settings& settings,
                     const std::string& backend) {
  const std::string& base = settings.server.base_path;
  const auto attribute = [](const std::string& name, const std::string& value) {
    return "\n  " + name + "=\"" + in_attribute(value) + "\"";
  };
  FrontEndPage page;
  page.url = url;
  page.html = "<script type=\"module\">import \"waxseal/element\";</script>\n<waxseal-verify-email";
  page.html += attribute("endpoint", backend + base + (base.back() == '/' ? "" : "/"));
  page.html += attribute("period", std::to_string(needs.period.count()));
  if (needs.keys) page.html += attribute("keys-url", backend + "/.well-known/jwks.json");
  page.html += attribute("purpose", needs.purpose);
  if (!needs.link_template.empty()) page.html += attribute("template", needs.link_template);
  page.html += "></waxseal-verify-email>";
  page.content_security_policy =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'" +
      (backend.empty() ? "" : " " + backend) + "; base-uri 'none'";
  return page;
}

}  // namespace

FrontEnd front_end_of(const Configuration& configuration, const std::string& backend) {
  const Settings& settings = configuration.settings;
  const auto& links = settings.register_email;
  FrontEnd front_end;
  const auto add = [&](const std::string& url, const PageNeeds& needs) {
    const std::string origin = origin_of(url);
    front_end.pages.push_back(page_of(url, needs, settings, backend == origin ? "" : backend));
    const bool other_origin = !backend.empty() && backend != origin;
    if (other_origin && !contains(settings.server.cors_origins, origin)) {
      front_end.problems.push_back({Problem::Severity::warning, "server.cors_origins", "",
                                    "lacks \"" + origin + "\": browsers will keep its page from calling " + backend});
    }
    if (backend.empty() && contains(settings.server.cors_origins, origin)) {
      front_end.problems.push_back({Problem::Severity::warning, "server.cors_origins", "",
                                    "says that the backend has another origin than " + origin +
                                        ": name it by --backend, e.g. --backend https://api.example"});
    }
  };
  const bool has_template = !links.url_template.empty();
  const bool signs_ed25519 = settings.signing.issue == "ed25519";
  if (links.verification_enabled) {
    add(has_template ? links.url_template : links.verification_url,
        {"register-email", links.verification_period, links.url_template, signs_ed25519});
  }
  if (!links.undo_url.empty()) add(links.undo_url, {"undo-email", links.undo_period, "", true});
  return front_end;
}

}  // namespace waxseal::server
