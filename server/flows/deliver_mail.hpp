#pragma once
/// @file deliver_mail.hpp
/// Takes one entry out of the outbox and sees it through: drop it, send it, try later, or give up.

#include <chrono>
#include <optional>
#include <string>

#include "flows/link_issuer.hpp"
#include "flows/link_policy.hpp"
#include "flows/work_outbox.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/mail.hpp"
#include "ports/outbox.hpp"
#include "ports/random_source.hpp"
#include "ports/time_words.hpp"

namespace waxseal::server {

struct MailPolicy {
  std::string from;
  std::optional<std::string> reply_to;
  std::string site;  ///< What people know the site by: the host of the page that links lead to.
  std::chrono::seconds give_up_after{2 * 24 * 3600};  ///< Since the request.
};

class DeliverMail {
 public:
  struct Ports {
    AccountStore& accounts;
    Outbox& outbox;
    const MailTemplates& templates;
    const TimeWords& time_words;
    const MessageComposer& composer;
    MailSender& sender;
    const Clock& clock;
    RandomSource& random;
    Log& log;
    Metrics& metrics = no_metrics;
  };

  DeliverMail(const LinkPolicy& links, const MailPolicy& mail, const EmailRules& rules, LinkIssuer issuer, Ports ports)
      : links_(links),
        mail_(mail),
        rules_(rules),
        issuer_(issuer),
        ports_(ports),
        work_(OutboxQueue::mails, "mail", {ports.outbox, ports.clock, ports.random, ports.log, ports.metrics}) {}

  /// Handles the oldest due entry. True if there was one, whatever became of it; false if there is nothing to do now
  /// or the storage does not answer (which is logged).
  bool deliver_next();

 private:
  Result<std::optional<Message>> write_message(const OutboxEntry& entry);
  Result<MailContext> context_of(const OutboxEntry& entry, const Account& account, const ChangeRecord& change,
                                 UnixTime now);
  Result<bool> is_still_wanted(const OutboxEntry& entry, const Account& account, const ChangeRecord& change);
  Result<EmailAddress> recipient_of(const OutboxEntry& entry) const;
  tl::expected<WorkOutbox::Attempted, SendFailure> attempt(const OutboxEntry& entry);

  const LinkPolicy& links_;
  const MailPolicy& mail_;
  const EmailRules& rules_;
  LinkIssuer issuer_;
  Ports ports_;
  WorkOutbox work_;
};

}  // namespace waxseal::server
