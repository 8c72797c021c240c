#include "adapters/file_mail/file_inbox.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "adapters/file_mail/mail_reader.hpp"

namespace waxseal::server {
namespace {

namespace fs = std::filesystem;

InboxMail read_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::string raw{std::istreambuf_iterator<char>{file}, {}};
  ReadMail mail = read_mail(raw);
  return {path.stem().string(), std::move(mail.from), std::move(mail.to),   std::move(mail.subject),
          std::move(mail.date), std::move(mail.text), std::move(mail.html), std::move(raw)};
}

/// The names that FileMailSender gives: nothing that could leave the folder.
bool is_mail_id(const std::string& id) {
  return !id.empty() && id.find_first_not_of("0123456789-") == std::string::npos;
}

}  // namespace

std::vector<InboxMail> FileInbox::newest(std::size_t most) const {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator place{directory_, error}; !error && place != fs::directory_iterator{};
       place.increment(error)) {
    if (place->path().extension() == ".eml" && is_mail_id(place->path().stem())) paths.push_back(place->path());
  }
  std::sort(paths.rbegin(), paths.rend());
  paths.resize(std::min(paths.size(), most));
  std::vector<InboxMail> mails;
  for (const fs::path& path : paths) mails.push_back(read_file(path));
  return mails;
}

std::optional<InboxMail> FileInbox::find(const std::string& id) const {
  const fs::path path = directory_ / (id + ".eml");
  std::error_code error;
  if (!is_mail_id(id) || !fs::is_regular_file(path, error)) return std::nullopt;
  return read_file(path);
}

}  // namespace waxseal::server
