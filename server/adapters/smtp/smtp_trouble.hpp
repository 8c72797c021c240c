#pragma once
/// @file smtp_trouble.hpp
/// What went wrong with a relay, told so that its operator knows what to do. Private to this adapter.

#include <string>

#include <curl/curl.h>

#include "ports/mail.hpp"

namespace waxseal::server {

struct SmtpTrouble {
  CURLcode result = CURLE_OK;
  long smtp_status = 0;         ///< Of the last reply; 0: there was none.
  long certificate_result = 0;  ///< OpenSSL's X509_V_ERR_…; 0: signed by somebody who is trusted.
  bool data_was_sent = false;   ///< Some of the message went out: whether it was accepted may be in doubt.
  std::string detail;           ///< curl's own words.
  std::string reply;            ///< The relay's last reply, as it came. Untrusted.
};

/// Permanent only where the relay refused this mail with 5xx. A refused login, a certificate, a greeting with 5xx are the
/// operator's to mend: the mail waits.
SendFailure failure_of(const SmtpTrouble& trouble);

}  // namespace waxseal::server
