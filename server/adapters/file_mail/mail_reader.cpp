#include "adapters/file_mail/mail_reader.hpp"

#include <gmime/gmime.h>

#include <mutex>

namespace waxseal::server {
namespace {

void init_gmime_once() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

std::string owned_text(char* text) {
  std::string result = text != nullptr ? text : "";
  g_free(text);
  return result;
}

std::string addresses(GMimeMessage* message, GMimeAddressType type) {
  return owned_text(internet_address_list_to_string(g_mime_message_get_addresses(message, type), nullptr, FALSE));
}

void collect_text(GMimeObject*, GMimeObject* part, gpointer out) {
  if (!GMIME_IS_TEXT_PART(part)) return;
  auto& mail = *static_cast<ReadMail*>(out);
  const bool html = g_mime_content_type_is_type(g_mime_object_get_content_type(part), "text", "html");
  (html ? mail.html : mail.text) = owned_text(g_mime_text_part_get_text(GMIME_TEXT_PART(part)));
}

}  // namespace

ReadMail read_mail(const std::string& bytes) {
  init_gmime_once();
  ReadMail mail;
  GMimeStream* stream = g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size());
  GMimeParser* parser = g_mime_parser_new_with_stream(stream);
  if (GMimeMessage* message = g_mime_parser_construct_message(parser, nullptr); message != nullptr) {
    mail.from = addresses(message, GMIME_ADDRESS_TYPE_FROM);
    mail.to = addresses(message, GMIME_ADDRESS_TYPE_TO);
    if (const char* subject = g_mime_message_get_subject(message)) mail.subject = subject;
    if (const char* date = g_mime_object_get_header(GMIME_OBJECT(message), "Date")) mail.date = date;
    g_mime_message_foreach(message, collect_text, &mail);
    g_object_unref(message);
  }
  g_object_unref(parser);
  g_object_unref(stream);
  return mail;
}

}  // namespace waxseal::server
