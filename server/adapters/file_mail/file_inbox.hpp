#pragma once
/// @file file_inbox.hpp
/// Reads the folder that FileMailSender writes.

#include <filesystem>

#include "ports/inbox.hpp"

namespace waxseal::server {

class FileInbox final : public Inbox {
 public:
  explicit FileInbox(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::vector<InboxMail> newest(std::size_t most) const override;
  std::optional<InboxMail> find(const std::string& id) const override;

 private:
  std::filesystem::path directory_;
};

}  // namespace waxseal::server
