#pragma once
/// @file fake_mail.hpp
/// Templates, composer and sender of mail that keep what they were given and answer as the test says.

#include <deque>
#include <vector>

#include "ports/mail.hpp"

namespace waxseal::test {

/// Words that are the values themselves: what a template could have said.
class PlainTemplates final : public server::MailTemplates {
 public:
  Result<server::MailText> render(const server::MailFacts& facts, const server::MailContext& context) const override {
    if (missing) return fail(ErrorCode::internal, "no template");
    rendered.push_back({facts.kind, facts.language, context});
    return server::MailText{"subject", "text", "<p>html</p>"};
  }
  struct Rendered {
    server::MailKind kind;
    std::string language;
    server::MailContext context;
  };
  mutable std::vector<Rendered> rendered;
  bool missing = false;
};

class PlainComposer final : public server::MessageComposer {
 public:
  Result<server::Message> compose(const server::MessageDraft& draft) const override {
    drafts.push_back(draft);
    return server::Message{draft.from, draft.to, "Message-ID: <" + draft.message_token + ">\r\n"};
  }
  mutable std::vector<server::MessageDraft> drafts;
};

/// Delivers, unless a failure was foretold; each foretold failure serves one attempt.
class ScriptedSender final : public server::MailSender {
 public:
  tl::expected<void, server::SendFailure> send(const server::Message& message) override {
    attempts.push_back(message);
    if (failures.empty()) return {};
    const server::SendFailure failure = failures.front();
    failures.pop_front();
    return tl::make_unexpected(failure);
  }
  void fail_next(server::SendFailure::Kind kind, std::string reason = "scripted") {
    failures.push_back({kind, std::move(reason), {}});
  }
  std::vector<server::Message> attempts;
  std::deque<server::SendFailure> failures;
};

}  // namespace waxseal::test
