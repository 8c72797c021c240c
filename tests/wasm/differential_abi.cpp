/// @file differential_abi.cpp
/// For tests only, never shipped: one function that runs the whole core on one link and answers with all that it said,
/// so that the native build and the WebAssembly build can be compared byte for byte. See differential.mjs.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <waxseal/check.hpp>
#include <waxseal/django_signer.hpp>
#include <waxseal/email_address.hpp>
#include <waxseal/keys.hpp>
#include <waxseal/payload.hpp>

#include "abi.hpp"
#include "frame.hpp"

namespace waxseal::differential {
namespace {

/// What is judged, in the order of the request's fields.
struct Question {
  std::string_view url;            ///< Any bytes.
  std::string_view template_text;  ///< "" for none.
  std::string_view now;            ///< Unix seconds.
  std::string_view period_s;
  std::string_view key_byte;  ///< One byte: the seed of the ring's only key is 32 of it.
  std::string_view django_secret;
  std::string_view address;  ///< An email address, or not.
  std::string_view json;     ///< A payload, or not.
};
constexpr std::size_t question_fields = 8;

/// One `name: value` a line. A value may hold anything; the comparison does not care.
class Report {
 public:
  void add(std::string_view name, std::string_view value) {
    text_ += name;
    text_ += ": ";
    text_ += value;
    text_ += '\n';
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string described(const Error& error) { return std::string{wire_name(error.code)} + " | " + error.log_detail; }

std::string described(const LinkCheck& check) {
  std::string text{wire_name(check.status)};
  text += ' ';
  text += check.code ? wire_name(*check.code) : "-";
  text += check.authentic ? (*check.authentic ? " authentic" : " not-authentic") : " unjudged";
  text += check.unknown_key ? " unknown-key" : " -";
  for (const std::string_view name : check.missing) text.append(" missing:").append(name);
  if (check.issued_at)
    text.append(" ").append(to_text(*check.issued_at)).append("..").append(to_text(*check.expires_at));
  return text.append(" ").append(payload_to_json(check.link));
}

std::string described(const Result<VerifiedSignature>& verified) {
  if (!verified) return described(verified.error());
  return "verified " + encode_hex(verified->key_id) + " " + std::to_string(verified->link_version) + " " +
         encode_hex(verified->state_digest);
}

std::string described(const Result<EmailAddress>& address) {
  if (!address) return described(address.error());
  return address->text() + " | " + address->envelope() + " | " + address->canonical();
}

/// Stands for IDNA, which is not the core's: some domains have A-labels, some have none.
std::optional<std::string> to_ascii(std::string_view domain) {
  if (domain.size() % 3 == 0) return std::nullopt;
  return "xn--" + std::to_string(domain.size()) + ".example";
}

void report_checks(Report& report, const Question& question, const CheckOptions& options, std::string_view spelling) {
  const std::string with = std::string{spelling} + (options.keys != nullptr ? " with keys, " : " without keys, ");
  report.add("check " + with + std::string{wire_name(options.purpose)}, described(check_link(question.url, options)));
}

void report_link(Report& report, const Link& link, const SigningKey& key, const PublicKeyRing& ring,
                 const DjangoSigner& django, UnixTime now, std::chrono::seconds period) {
  for (const Purpose purpose : {Purpose::register_email, Purpose::undo_email}) {
    report.add("verify " + std::string{wire_name(purpose)}, described(ring.verify(purpose, link)));
  }
  report.add("django", django.verifies(link) ? "verified" : "refused");
  report.add("django signature", django.sign(link));

  const std::string json = payload_to_json(link);
  const Result<Link> reread = payload_from_json(json);
  report.add("payload", json);
  report.add("payload reread", reread ? (*reread == link ? "equal" : "different") : described(reread.error()));
  report.add("written", write_link("https://app.example/verify", link));

  const Result<Claims> claims = claims_of(link);
  if (!claims) return report.add("claims", described(claims.error()));
  report.add("claims",
             to_text(claims->issued_at) + (is_expired(claims->issued_at, now, period) ? " expired" : " holds"));
  const StateDigest digest = key.state_digest({link.user_id, link.email, "credential"});
  report.add("state digest", encode_hex(digest));
  report.add("ed25519 signature", encode_signature(key.sign(Purpose::register_email, *claims, 7, digest)));
}

std::string judge(const Question& question) {
  Report report;
  ByteArray<32> seed{};
  seed.fill(static_cast<std::uint8_t>(question.key_byte[0]));
  const SigningKey key = SigningKey::from_seed(seed);
  PublicKeyRing ring;
  ring.add(key.public_key());
  const Result<DjangoSigner> django = DjangoSigner::create(question.django_secret);
  const Result<UnixTime> now = parse_timestamp(question.now);
  const Result<UnixTime> period = parse_timestamp(question.period_s);
  if (!django || !now || !period) return "misuse\n";
  const std::chrono::seconds period_s{to_unix_s(*period)};

  const Result<LinkTemplate> link_template = LinkTemplate::parse(question.template_text);
  report.add("template", link_template ? "read" : described(link_template.error()));
  for (const LinkTemplate* spelling :
       {static_cast<const LinkTemplate*>(nullptr), link_template ? &*link_template : nullptr}) {
    const std::string_view name = spelling != nullptr ? "template" : "parameters";
    for (const PublicKeyRing* keys :
         {static_cast<const PublicKeyRing*>(nullptr), static_cast<const PublicKeyRing*>(&ring)}) {
      for (const Purpose purpose : {Purpose::register_email, Purpose::undo_email}) {
        report_checks(report, question, {*now, period_s, purpose, spelling, keys}, name);
      }
    }
    const auto link = spelling != nullptr ? spelling->read(question.url) : read_link(question.url);
    report.add("read " + std::string{name}, link ? "read" : link.error().log_detail);
    if (link) report_link(report, *link, key, ring, *django, *now, period_s);
    if (link && spelling != nullptr) report.add("written by template", spelling->write(*link));
  }

  for (const EmailPolicy policy : {EmailPolicy::strict, EmailPolicy::django}) {
    report.add(policy == EmailPolicy::strict ? "strict address" : "django address",
               described(EmailAddress::parse(question.address, policy, to_ascii)));
  }
  report.add("canonical", canonical_email(question.address, to_ascii));
  report.add("masked", masked_email(question.address));
  const Result<Link> posted = payload_from_json(question.json);
  report.add("json", posted ? payload_to_json(*posted) : described(posted.error()));
  return report.text();
}

std::uint8_t* answer(const Request<question_fields>& f) {
  if (f[4].size() != 1) return write_answer({"error", "the fifth field is of one byte"});
  return write_answer({"ok", judge({f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]})});
}

}  // namespace
}  // namespace waxseal::differential

WAXSEAL_EXPORT(waxseal_judge) std::uint8_t* waxseal_judge(const std::uint8_t* request, std::uint32_t size) {
  return waxseal::differential::answer_request(request, size, waxseal::differential::answer);
}

#ifdef __EMSCRIPTEN__
/// The shipped module gives its memory back all at once. The whole core needs a real allocator.
WAXSEAL_EXPORT(waxseal_allocate) std::uint8_t* waxseal_allocate(std::uint32_t size) {
  return static_cast<std::uint8_t*>(std::malloc(size));
}

WAXSEAL_EXPORT(waxseal_release) void waxseal_release(std::uint8_t* pointer) { std::free(pointer); }

/// Of wasm/src/libsodium/ed25519_ref10_small.c. See reduce.mjs.
extern "C" void sc25519_reduce(unsigned char s[64]);
WAXSEAL_EXPORT(waxseal_reduce) void waxseal_reduce(unsigned char s[64]) { sc25519_reduce(s); }
#endif
