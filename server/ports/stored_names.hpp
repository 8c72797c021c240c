#pragma once
/// @file stored_names.hpp
/// The names under which stores of tables keep our enumerations, and the way back.

#include <string_view>

#include "ports/audit.hpp"
#include "ports/outbox_admin.hpp"

namespace waxseal::server {

constexpr const char* name_of(ChangeOutcome outcome) {
  switch (outcome) {
    case ChangeOutcome::pending: break;
    case ChangeOutcome::applied: return "applied";
    case ChangeOutcome::superseded: return "superseded";
    case ChangeOutcome::cancelled: return "cancelled";
    case ChangeOutcome::undone: return "undone";
  }
  return "pending";
}

/// The one of `others` that has the name, else `first`: tables keep other names out by themselves.
template <typename Value, typename... Values>
constexpr Value named(std::string_view name, Value first, Values... others) {
  Value found = first;
  ((name == name_of(others) ? void(found = others) : void()), ...);
  return found;
}

constexpr ChangeOutcome outcome_named(std::string_view name) {
  return named(name, ChangeOutcome::superseded, ChangeOutcome::pending, ChangeOutcome::applied,
               ChangeOutcome::cancelled, ChangeOutcome::undone);
}

constexpr MailKind mail_kind_named(std::string_view name) {
  return named(name, MailKind::verify_email, MailKind::email_in_use, MailKind::change_notice, MailKind::change_undone);
}

constexpr EmailChange::Reason reason_named(std::string_view name) {
  using Reason = EmailChange::Reason;
  return named(name, Reason::verified, Reason::unverified, Reason::undone);
}

constexpr AuditEvent audit_event_named(std::string_view name) {
  return named(name, AuditEvent::requested, AuditEvent::applied, AuditEvent::cancelled, AuditEvent::undone);
}

constexpr OutboxState outbox_state_named(std::string_view name) {
  return named(name, OutboxState::queued, OutboxState::sent, OutboxState::dropped, OutboxState::dead);
}

}  // namespace waxseal::server
