#pragma once
/// @file change_steps.hpp
/// In which order a store of tables takes a request, applies a change and undoes one. Each runs within one write transaction,
/// which is committed if `is_to_commit` says so of the answer and rolled back otherwise.

#include "ports/account_transaction.hpp"

namespace waxseal::server {

using RequestAnswer = tl::expected<LinkVersion, RequestRefusal>;

/// See AccountStore::request_change, AccountStore::apply and AccountStore::undo. They throw what the transaction throws.
RequestAnswer request_change_in(AccountTransaction& transaction, const ChangeRequest& request);
ApplyResult apply_in(AccountTransaction& transaction, const ChangeToApply& change);
UndoAnswer undo_in(AccountTransaction& transaction, const ChangeToUndo& change);

inline bool is_to_commit(const RequestAnswer& answer) { return answer.has_value(); }
inline bool is_to_commit(ApplyResult result) { return result == ApplyResult::applied; }
inline bool is_to_commit(const UndoAnswer& answer) { return answer.result == UndoResult::undone; }

}  // namespace waxseal::server
