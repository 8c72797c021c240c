#include "cli/inspect_link.hpp"

#include <filesystem>
#include <iostream>

#include <waxseal/check.hpp>

#include "cli/words.hpp"

namespace waxseal::server {
namespace {

/// What is known here of the site that made the link.
struct SiteKnowledge {
  std::unique_ptr<OpenedApplication> application;  ///< Null without a configuration.
  LinkKeys* keys = nullptr;                        ///< Null if none could be read.
};

/// A value of the link for a terminal: a link may come from anybody, and control characters would rewrite the screen.
std::string for_terminal(const std::string& text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool c1_control = byte == 0xc2 && next >= 0x80 && next <= 0x9f;  // U+0080 to U+009F in UTF-8
    if (byte < 0x20 || byte == 0x7f || c1_control) {
      shown += '?';
      if (c1_control) ++i;
    } else {
      shown += text[i];
    }
  }
  return shown;
}

/// Whether a configured key or secret made the link; nothing if none is configured.
std::optional<bool> judge_authentic(const LinkCheck& check, const SiteKnowledge& site) {
  if (site.keys == nullptr || form_of_signature(check.link.signature) != SignatureForm::django) return check.authentic;
  const auto current = site.keys->current();
  for (const DjangoSigner& signer : current->django) {
    if (signer.verifies(check.link)) return true;
  }
  return current->django.empty() ? std::nullopt : std::optional{false};
}

std::string scheme_in_words(const Link& link) {
  switch (form_of_signature(link.signature)) {
    case SignatureForm::ed25519: {
      const auto signature = decode_signature(link.signature);
      return "ed25519, key " + encode_hex(signature->key_id) + ", link version " +
             std::to_string(signature->link_version);
    }
    case SignatureForm::django: return "django (HMAC-SHA-256)";
    case SignatureForm::unknown: break;
  }
  return "unknown: no scheme makes signatures of this form";
}

std::string verdict(LinkStatus status, const std::optional<bool>& authentic) {
  if (authentic == false) return "Altered: no key of this site made the signature. Open the link again from the mail.";
  if (status == LinkStatus::expired) return "Expired: it is too old. Ask for a new one.";
  const std::string who = authentic ? "Genuine" : "Well-formed (no key here to tell whether it is genuine)";
  return who + " and not expired. Whether it was used or replaced, only the server can tell.";
}

void print_words(const LinkCheck& check, Purpose purpose, LinkStatus status, const std::optional<bool>& authentic) {
  std::cout << "purpose    " << wire_name(purpose) << '\n'
            << "account    " << for_terminal(check.link.user_id) << '\n'
            << "address    " << for_terminal(check.link.email) << '\n'
            << "signed     " << in_words(*check.issued_at) << '\n'
            << "expires    " << in_words(*check.expires_at) << '\n'
            << "scheme     " << scheme_in_words(check.link) << '\n'
            << "signature  " << (authentic ? *authentic ? "genuine" : "not genuine" : "not checked") << '\n'
            << '\n'
            << verdict(status, authentic) << '\n';
}

void print_malformed(const CommandLine& line, const LinkCheck& check) {
  if (line.json) {
    print_json({{"status", "malformed"}, {"code", "link-malformed"}, {"missing", check.missing}});
    return;
  }
  std::cout << "Malformed: this is not a whole link.";
  std::string_view before = " Missing: ";
  for (const std::string_view name : check.missing) std::cout << std::exchange(before, ", ") << name;
  std::cout << (check.missing.empty() ? " A value stands twice, is unreadable, or the link is over 4096 bytes.\n"
                                      : ".\n");
}

SiteKnowledge know_site(const CommandLine& line, bool& failed) {
  SiteKnowledge site;
  if (!line.config_given && !std::filesystem::exists(line.config_path)) return site;
  site.application = OpenedApplication::open(line);
  failed = site.application == nullptr;
  if (failed) return site;
  if (const auto keys = (**site.application).open_keys()) site.keys = *keys;
  return site;
}

/// How a link is to be judged: as an undo link if a key of the site made it for that purpose, else as any other one. The
/// options point into `site` and `keys`.
CheckOptions options_for(const std::string& url, const SiteKnowledge& site, const LinkKeySet* keys) {
  CheckOptions options;
  options.now = SystemClock{}.now();
  if (!site.application) return options;
  const LinkPolicy& policy = (**site.application).policy();
  options.period = policy.period;
  options.link_template = policy.url_template ? &*policy.url_template : nullptr;
  if (keys == nullptr || keys->ring.public_keys().empty()) return options;
  options.keys = &keys->ring.public_keys();
  const auto undo = read_link(url);
  if (undo && options.keys->verify(Purpose::undo_email, *undo)) {
    options.purpose = Purpose::undo_email;
    options.period = policy.undo_period;
    options.link_template = nullptr;
  }
  return options;
}

}  // namespace

int inspect_link(const CommandLine& line, const std::string& url_option) {
  bool failed = false;
  const SiteKnowledge site = know_site(line, failed);
  if (failed) return exit_failed;
  std::string url = url_option;
  if (url_option == "-") std::getline(std::cin, url);

  const std::shared_ptr<const LinkKeySet> keys = site.keys != nullptr ? site.keys->current() : nullptr;
  const CheckOptions options = options_for(url, site, keys.get());
  const LinkCheck check = check_link(url, options);
  if (check.status == LinkStatus::malformed) {
    print_malformed(line, check);
    return exit_failed;
  }
  const std::optional<bool> authentic = judge_authentic(check, site);
  const bool expired = is_expired(*check.issued_at, options.now, options.period);
  const LinkStatus status = authentic == false ? LinkStatus::altered
                            : expired          ? LinkStatus::expired
                                               : LinkStatus::ready;
  if (line.json) {
    print_json({{"status", wire_name(status)},
                {"purpose", wire_name(options.purpose)},
                {"user_id", check.link.user_id},
                {"email", check.link.email},
                {"timestamp", check.link.timestamp},
                {"issued_at", in_words(*check.issued_at)},
                {"expires_at", in_words(*check.expires_at)},
                {"scheme", scheme_in_words(check.link)},
                {"authentic", authentic ? nlohmann::ordered_json(*authentic) : nlohmann::ordered_json(nullptr)}});
  } else {
    print_words(check, options.purpose, status, authentic);
  }
  return status == LinkStatus::ready ? exit_done : exit_failed;
}

}  // namespace waxseal::server
