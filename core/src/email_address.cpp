#include <waxseal/email_address.hpp>

#include <algorithm>

namespace waxseal {
namespace {

constexpr std::size_t max_local_part_bytes = 64;  // RFC 5321 section 4.5.3.1.1
constexpr std::size_t max_label_bytes = 63;       // RFC 1035 section 2.3.4

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// RFC 5322 section 3.2.3, `atext`.
bool is_atom_character(char c) {
  return is_alphanumeric(c) || std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

/// RFC 5322 section 3.2.3, `dot-atom-text`.
bool is_dot_atom(std::string_view text) {
  char previous = '.';
  for (const char c : text) {
    if (c == '.' ? previous == '.' : !is_atom_character(c)) return false;
    previous = c;
  }
  return previous != '.';
}

/// A quoted local part as Django's EmailValidator reads it: no space outside an escape, and never NUL, CR or LF.
bool is_django_quoted_string(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\';
    if (escaped && ++i == text.size()) return false;
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0 || byte == '\n' || byte == '\r' || byte > 0x7f) return false;
    if (!escaped && (byte == '\t' || byte == ' ' || byte == '"')) return false;
  }
  return true;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label_bytes && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

/// Two labels or more, letters, digits and inner hyphens (RFC 1123 section 2.1), the last of two characters or more.
bool is_host_name(std::string_view domain) {
  const std::size_t last_dot = domain.rfind('.');
  if (last_dot == std::string_view::npos || domain.size() - last_dot - 1 < 2) return false;
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

/// No top-level domain is a number, and a domain that ends in one, decimal or hexadecimal, may be an IP address (WHATWG
/// URL section 3.5).
bool ends_in_number(std::string_view domain) {
  const std::string_view top = domain.substr(domain.rfind('.') + 1);
  if (top.substr(0, 2) == "0x" || top.substr(0, 2) == "0X") {
    return top.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  }
  return std::all_of(top.begin(), top.end(), is_digit);
}

bool is_domain(std::string_view domain, EmailPolicy policy) {
  if (policy == EmailPolicy::django && domain == "localhost") return true;
  return is_host_name(domain) && (policy == EmailPolicy::django || !ends_in_number(domain));
}

bool is_local_part(std::string_view local, EmailPolicy policy) {
  if (policy == EmailPolicy::django) return is_dot_atom(local) || is_django_quoted_string(local);
  return local.size() <= max_local_part_bytes && is_dot_atom(local);
}

std::optional<std::string> to_a_labels(std::string_view domain, const DomainToAscii& to_ascii) {
  if (is_ascii(domain)) return ascii_lower(domain);
  return to_ascii && is_utf8(domain) ? to_ascii(domain) : std::nullopt;
}

/// Length of the UTF-8 sequence at the start of `text`, or 0 if there is none.
std::size_t utf8_sequence_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if ((first & 0xf0U) == 0xe0U) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool beyond_unicode = first == 0xf4 && byte(1) > 0x8f;
    return continues(1) && continues(2) && continues(3) && !overlong && !beyond_unicode ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_ascii_email(std::string_view text, EmailPolicy policy) {
  const std::size_t at = text.rfind('@');
  return text.size() <= max_email_bytes && at != std::string_view::npos && is_local_part(text.substr(0, at), policy) &&
         is_domain(text.substr(at + 1), policy);
}

Result<EmailAddress> EmailAddress::parse(std::string_view text, EmailPolicy policy, const DomainToAscii& to_ascii) {
  const auto refused = [] {
    return fail(ErrorCode::invalid_fields, "not an address that the policy accepts, or longer than 254 octets");
  };
  const std::size_t at = text.rfind('@');
  if (text.size() > max_email_bytes || at == std::string_view::npos) return refused();
  const std::string_view local_and_at = text.substr(0, at + 1);
  const std::string_view domain = text.substr(at + 1);
  const std::optional<std::string> ascii_domain = to_a_labels(domain, to_ascii);
  if (!ascii_domain) return refused();
  std::string envelope{local_and_at};
  envelope += is_ascii(domain) ? domain : std::string_view{*ascii_domain};
  if (!is_ascii_email(envelope, policy)) return refused();
  // Django compares `localhost` byte for byte, and no other spelling of it is let through by way of an encoder.
  if (*ascii_domain == "localhost" && domain != "localhost") return refused();
  std::string stored = policy == EmailPolicy::strict ? envelope : std::string{text};
  return EmailAddress{std::move(stored), std::move(envelope), ascii_lower(local_and_at) + *ascii_domain};
}

std::string canonical_email(std::string_view text, const DomainToAscii& to_ascii) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return ascii_lower(text);
  const std::string_view domain = text.substr(at + 1);
  return ascii_lower(text.substr(0, at + 1)) + to_a_labels(domain, to_ascii).value_or(ascii_lower(domain));
}

std::string masked_email(std::string_view text) {
  const auto mask = [](std::string_view part) {
    const bool hidden = part.empty() || is_control(part.front());
    return std::string{hidden ? std::string_view{} : part.substr(0, utf8_sequence_bytes(part))} + "***";
  };
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) return "***";
  const std::string_view domain = text.substr(at + 1);
  const std::size_t last_dot = domain.rfind('.');
  const std::string_view top = last_dot == std::string_view::npos ? std::string_view{} : domain.substr(last_dot + 1);
  const bool is_printable = !top.empty() && is_utf8(top) && std::none_of(top.begin(), top.end(), is_control);
  return mask(text.substr(0, at)) + "@" + mask(domain) + (is_printable ? "." + std::string{top} : "");
}

std::string ascii_lower(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t sequence = utf8_sequence_bytes(text);
    if (sequence == 0) return false;
    text.remove_prefix(sequence);
  }
  return true;
}

}  // namespace waxseal
