#pragma once
/// @file inbox.hpp
/// Mails that were sent, read back: for the demo only.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace waxseal::server {

struct InboxMail {
  std::string id;
  std::string from;
  std::string to;
  std::string subject;
  std::string date;  ///< As in the header.
  std::string text;
  std::string html;
  std::string raw;  ///< As sent.
};

class Inbox {
 public:
  virtual ~Inbox() = default;
  /// Newest first. Any thread.
  virtual std::vector<InboxMail> newest(std::size_t most) const = 0;
  /// Nothing if there is no such mail. @param id  From a client: not trusted.
  virtual std::optional<InboxMail> find(const std::string& id) const = 0;
};

}  // namespace waxseal::server
