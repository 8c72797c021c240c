#include "adapters/smtp/smtp_trouble.hpp"

#include "ports/one_line.hpp"

namespace waxseal::server {
namespace {

// Of OpenSSL's x509_vfy.h. Without a verdict of its own the chain was good, and curl did not find the name.
constexpr long no_verdict = 1;
constexpr long certificate_not_yet_valid = 9;
constexpr long certificate_has_expired = 10;

// RFC 4954 section 6: these are about the session, not about the mail.
constexpr long authentication_required = 530;
constexpr long authentication_failed = 535;
constexpr long encryption_required = 538;

std::string words_of_certificate(long result) {
  const std::string start = "the relay's certificate is not accepted, nothing was sent: ";
  if (result == 0 || result == no_verdict) return start + "it is for another name than the one in mail.smtp_url";
  if (result == certificate_has_expired) return start + "it has expired";
  if (result == certificate_not_yet_valid) return start + "it is not valid yet; is the clock of this machine right?";
  return start + "nobody who is trusted has signed it; mail.ca_file names whom to trust";
}

std::string words_of_refusal(const SmtpTrouble& trouble) {
  if (trouble.smtp_status == authentication_required)
    return "the relay wants a login: set mail.smtp_user and its password";
  if (trouble.smtp_status >= 500) return "the relay refused the mail for good";
  if (trouble.smtp_status >= 400) return "the relay does not take the mail now";
  return trouble.data_was_sent ? "the connection broke after the mail was sent, which may have arrived all the same"
                               : "the connection broke before the mail was sent";
}

std::string words_of(const SmtpTrouble& trouble) {
  switch (trouble.result) {
    case CURLE_COULDNT_RESOLVE_HOST: return "the relay's name is not known: check mail.smtp_url and the name server";
    case CURLE_COULDNT_CONNECT:
      return "no connection to the relay: does it run, is the port right, does a firewall forbid it?";
    case CURLE_OPERATION_TIMEDOUT:
      return std::string{"the relay did not answer in time (mail.timeout)"} +
             (trouble.data_was_sent ? "; the mail was sent and may have arrived all the same" : "");
    case CURLE_PEER_FAILED_VERIFICATION: return words_of_certificate(trouble.certificate_result);
    case CURLE_SSL_CACERT_BADFILE: return "mail.ca_file holds no certificates, nothing was sent";
    case CURLE_SSL_CONNECT_ERROR:
      return "no TLS with the relay, nothing was sent: smtps:// is for ports that begin with TLS (465), smtp:// for "
             "STARTTLS";
    case CURLE_USE_SSL_FAILED: return "the relay offers no STARTTLS and mail.tls is \"required\": nothing was sent";
    case CURLE_LOGIN_DENIED: return "the relay refused the login: check mail.smtp_user and its password";
    case CURLE_ABORTED_BY_CALLBACK: return "waxseal stops";
    case CURLE_REMOTE_ACCESS_DENIED: return "the relay does not talk to this machine";
    case CURLE_WEIRD_SERVER_REPLY:
      if (!trouble.data_was_sent) return "the relay does not greet as SMTP servers do, or takes no mail now";
      break;
    default: break;
  }
  return words_of_refusal(trouble);
}

bool is_refused_for_good(const SmtpTrouble& trouble) {
  const bool about_the_mail = trouble.result == CURLE_SEND_ERROR ||  // MAIL FROM, RCPT TO, DATA
                              (trouble.result == CURLE_WEIRD_SERVER_REPLY && trouble.data_was_sent);  // after DATA
  const long status = trouble.smtp_status;
  return about_the_mail && status >= 500 && status < 600 && status != authentication_required &&
         status != authentication_failed && status != encryption_required;
}

}  // namespace

SendFailure failure_of(const SmtpTrouble& trouble) {
  std::string reason = "smtp: " + words_of(trouble) + " (" + trouble.detail + ")";
  if (trouble.smtp_status != 0 && !trouble.reply.empty()) reason += "; the relay said: " + in_one_line(trouble.reply);
  return {is_refused_for_good(trouble) ? SendFailure::Kind::permanent : SendFailure::Kind::temporary,
          std::move(reason)};
}

}  // namespace waxseal::server
