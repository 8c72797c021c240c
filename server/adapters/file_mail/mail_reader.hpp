#pragma once
/// @file mail_reader.hpp
/// Reads a message back, for the demo's inbox.

#include <string>

namespace waxseal::server {

struct ReadMail {
  std::string from;
  std::string to;
  std::string subject;
  std::string date;  ///< As in the header.
  std::string text;  ///< UTF-8; empty if there is no such part.
  std::string html;
};

/// Reads RFC 5322 bytes. What is not there stays empty.
ReadMail read_mail(const std::string& bytes);

}  // namespace waxseal::server
