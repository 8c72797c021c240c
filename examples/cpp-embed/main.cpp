// Waxseal inside a program of your own, with every part that can be another's replaced. Take the ones that you need.
//
//   cpp-embed WAXSEAL.TOML MAIL_FOLDER

#include <csignal>
#include <fstream>
#include <iostream>
#include <regex>
#include <thread>

#include <waxseal/percent_encoding.hpp>
#include <waxseal/server/backend.hpp>

using namespace waxseal::server;

/// Refuses addresses of hosts that give one away for ten minutes, and a reason that nobody would read.
class NoThrowawayAddresses final : public RequestValidator {
  Problems validate(const RegisterEmailRequest& request) const override {
    Problems problems;
    const std::string domain = request.email.substr(request.email.rfind('@') + 1);
    if (domain == "throwaway.example")
      problems.push_back({"email", {"Use an address that you will still have tomorrow."}});
    const auto reason = request.other_fields.find("reason");
    if (reason != request.other_fields.end() && reason->second.size() > 200) {
      problems.push_back({"reason", {"Ensure this field has no more than 200 characters."}});
    }
    return problems;
  }
};

/// Links that an app opens, with everything behind the `#`, where no server sees it.
class AppLinks final : public UrlBuilder {
  waxseal::Result<std::string> build(const waxseal::Link& link) const override {
    std::string url = "https://app.example/open#confirm";
    for (const std::string& value : {link.user_id, link.email, link.timestamp, link.signature}) {
      url += "/" + waxseal::percent_encode(value, waxseal::SpaceAs::percent_20);
    }
    return url;
  }
};

/// One mail for all, HTML only: its text is made from it.
class HouseTemplates final : public TemplateSelector {
  waxseal::Result<MailTemplateSet> select(const MailFacts& facts) const override {
    switch (facts.kind) {
      case MailKind::verify_email: break;
      case MailKind::email_in_use:
        return MailTemplateSet{"%brand%: nothing to do", "", "<p>Your address is in use at %brand% already.</p>"};
      case MailKind::change_notice:
        return MailTemplateSet{"%brand%: was this you?", "", "<p>Your account is asked to use %email%.</p>"};
      case MailKind::change_undone:
        return MailTemplateSet{"%brand%: undone", "", "<p>Your account uses %email% again.</p>"};
    }
    return MailTemplateSet{"%brand%: is this you?", "",
                           "<p>%brand% would like to know.</p><p><a href=\"%link%\">Yes, it is me</a></p>"};
  }
};

class Brand final : public MailContextBuilder {
  void complete(MailContext& context, const MailFacts&) const override { context["brand"] = "Ink & Wax"; }
};

/// `%name%` instead of mustache.
class PercentTemplates final : public TemplateRenderer {
  waxseal::Result<std::string> render(const std::string& source, const MailContext& context,
                                      Output output) const override {
    static const std::regex name{"%([a-z_]+)%"};
    std::string rendered;
    std::size_t end = 0;
    for (std::sregex_iterator match{source.begin(), source.end(), name}, last; match != last; ++match) {
      rendered += source.substr(end, static_cast<std::size_t>(match->position()) - end);
      end = static_cast<std::size_t>(match->position() + match->length());
      const auto value = context.find((*match)[1]);
      if (value == context.end()) return waxseal::fail(waxseal::ErrorCode::internal, "unknown name " + match->str());
      rendered += output == Output::html ? escaped(value->second) : value->second;
    }
    return rendered + source.substr(end);
  }
  static std::string escaped(const std::string& text) {
    std::string html;
    for (const char c : text) {
      if (c == '&')
        html += "&amp;";
      else if (c == '<')
        html += "&lt;";
      else if (c == '"')
        html += "&quot;";
      else
        html += c;
    }
    return html;
  }
};

/// The addresses of links and nothing else.
class LinksOnly final : public HtmlToText {
  waxseal::Result<std::string> convert(std::string_view html) const override {
    static const std::regex href{"href=\"([^\"]+)\""};
    const std::string page{html};
    std::string text = "Open this mail in a program that shows pictures.\n";
    for (std::sregex_iterator match{page.begin(), page.end(), href}, last; match != last; ++match) {
      text += "\n" + (*match)[1].str() + "\n";
    }
    return text;
  }
};

/// Where your own mail service would be.
class MailFolder final : public MailSender {
 public:
  explicit MailFolder(std::string folder) : folder_(std::move(folder)) {}
  tl::expected<void, SendFailure> send(const Message& message) override {
    std::ofstream file{folder_ + "/" + message.envelope_to + ".eml", std::ios::binary};
    file << message.bytes;
    if (file.flush()) return {};
    return tl::make_unexpected(SendFailure{SendFailure::Kind::temporary, folder_ + " cannot be written"});
  }

 private:
  std::string folder_;
};

class HouseAnswers final : public ResponseBuilder {
  SuccessResponse build(const Success& success) const override {
    const bool asked = success.route == Success::Route::register_email;
    return {asked ? 202 : 200, asked ? R"({"next": "look into your mailbox"})" : R"({"next": "you are done"})"};
  }
};

class Audit final : public EmailChangeObserver {
  void email_changed(const EmailChange& change) override {
    std::cout << "account " << change.account_id << ": " << name_of(change.reason) << std::endl;  // no address in a log
  }
};

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: cpp-embed WAXSEAL.TOML MAIL_FOLDER\n";
    return 2;
  }
  // Before any thread is made, so that every one of them leaves the signals to sigwait below.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Extensions parts;
  parts.request_validator = std::make_shared<NoThrowawayAddresses>();
  parts.url_builder = std::make_shared<AppLinks>();
  parts.template_selector = std::make_shared<HouseTemplates>();
  parts.mail_context_builder = std::make_shared<Brand>();
  parts.template_renderer = std::make_shared<PercentTemplates>();
  parts.html_to_text = std::make_shared<LinksOnly>();
  parts.mail_sender = std::make_shared<MailFolder>(argv[2]);
  parts.response_builder = std::make_shared<HouseAnswers>();
  parts.email_change_observer = std::make_shared<Audit>();

  const auto backend = Backend::open(argv[1], std::move(parts));
  if (!backend) {
    std::cerr << backend.error().log_detail << '\n';
    return 1;
  }
  for (const std::string& warning : (*backend)->warnings()) std::cerr << warning << '\n';
  const auto address = (*backend)->bind();
  if (!address) {
    std::cerr << address.error().log_detail << '\n';
    return 1;
  }
  std::cout << "listening on http://" << *address << std::endl;

  std::thread waits_for_the_end{[&] {
    int signal = 0;
    sigwait(&ends, &signal);
    (*backend)->stop();
  }};
  (*backend)->run();
  waits_for_the_end.join();
  return 0;
}
