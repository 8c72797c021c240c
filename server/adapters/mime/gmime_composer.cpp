#include "adapters/mime/gmime_composer.hpp"

#include <gmime/gmime.h>

#include <memory>
#include <mutex>

namespace waxseal::server {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename Object>
using Owned = std::unique_ptr<Object, Unref>;

void init_gmime_once() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

bool is_one_line(const std::string& text) { return text.find_first_of(std::string{"\r\n\0", 3}) == std::string::npos; }

/// GMime is used by one thread at a time: it keeps tables of its own, and a mail is written in no time.
std::mutex& gmime_turn() {
  static std::mutex turn;
  return turn;
}

std::optional<std::string> address_of(const std::string& mailbox) {
  Owned<InternetAddressList> parsed{internet_address_list_parse(nullptr, mailbox.c_str())};
  if (!parsed || internet_address_list_length(parsed.get()) != 1) return std::nullopt;
  InternetAddress* address = internet_address_list_get_address(parsed.get(), 0);
  if (!INTERNET_ADDRESS_IS_MAILBOX(address)) return std::nullopt;
  const char* text = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address));
  if (text == nullptr || std::string_view{text}.find('@') == std::string_view::npos) return std::nullopt;
  return text;
}

/// A `text/<subtype>; charset=utf-8` part. Not g_mime_text_part_set_text: it picks a charset of its own.
Owned<GMimePart> text_part(const char* subtype, const std::string& text) {
  Owned<GMimePart> part{g_mime_part_new_with_type("text", subtype)};
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  Owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(text.data(), text.size())};
  Owned<GMimeDataWrapper> content{g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT)};
  g_mime_part_set_content(part.get(), content.get());
  g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  return part;
}

void set_date(GMimeMessage* message, UnixTime date) {
  GDateTime* utc = g_date_time_new_from_unix_utc(to_unix_s(date));
  g_mime_message_set_date(message, utc);
  g_date_time_unref(utc);
}

/// Appends the mailbox, one of which `address_of` knows the address, to the message's list of that kind. An
/// international domain is spelled in ASCII, which every mail server knows.
void add_mailbox(GMimeMessage* message, GMimeAddressType type, const std::string& mailbox) {
  Owned<InternetAddressList> parsed{internet_address_list_parse(nullptr, mailbox.c_str())};
  InternetAddress* address = internet_address_list_get_address(parsed.get(), 0);
  internet_address_set_charset(address, "utf-8");
  internet_address_mailbox_set_addr(INTERNET_ADDRESS_MAILBOX(address), address_of(mailbox)->c_str());
  internet_address_list_append(g_mime_message_get_addresses(message, type), parsed.get());
}

std::string bytes_of(GMimeMessage* message) {
  GMimeFormatOptions* options = g_mime_format_options_new();
  g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
  Owned<GMimeStream> stream{g_mime_stream_mem_new()};
  g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream.get());
  g_mime_format_options_free(options);
  const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(array->data), array->len};
}

/// Both parts, or the text alone where there is no HTML.
Owned<GMimeObject> body_of(const MailText& words) {
  if (words.html.empty()) return Owned<GMimeObject>{GMIME_OBJECT(text_part("plain", words.text).release())};
  Owned<GMimeMultipart> both{g_mime_multipart_new_with_subtype("alternative")};
  // Plain text first: the last alternative is the richest one (RFC 2046 section 5.1.4).
  g_mime_multipart_add(both.get(), GMIME_OBJECT(text_part("plain", words.text).get()));
  g_mime_multipart_add(both.get(), GMIME_OBJECT(text_part("html", words.html).get()));
  return Owned<GMimeObject>{GMIME_OBJECT(both.release())};
}

}  // namespace

GmimeComposer::GmimeComposer() { init_gmime_once(); }

Result<Message> GmimeComposer::compose(const MessageDraft& draft) const {
  for (const std::string& header :
       {draft.from, draft.reply_to.value_or(""), draft.to, draft.words.subject, draft.message_token}) {
    if (!is_one_line(header)) return fail(ErrorCode::internal, "a line break in a header");
  }
  const std::lock_guard lock{gmime_turn()};
  const std::optional<std::string> sender = address_of(draft.from);
  if (!sender) return fail(ErrorCode::internal, "from is not one address");
  if (draft.reply_to && !address_of(*draft.reply_to)) return fail(ErrorCode::internal, "reply_to is not one address");

  Owned<GMimeMessage> message{g_mime_message_new(TRUE)};
  add_mailbox(message.get(), GMIME_ADDRESS_TYPE_FROM, draft.from);
  add_mailbox(message.get(), GMIME_ADDRESS_TYPE_REPLY_TO, draft.reply_to.value_or(draft.from));
  // Not parsed: the recipient is the one address that the core accepted, byte for byte.
  g_mime_message_add_mailbox(message.get(), GMIME_ADDRESS_TYPE_TO, nullptr, draft.to.c_str());
  g_mime_message_set_subject(message.get(), draft.words.subject.c_str(), "utf-8");
  set_date(message.get(), draft.date);
  const std::string message_id = draft.message_token + sender->substr(sender->rfind('@'));
  g_mime_message_set_message_id(message.get(), message_id.c_str());
  // RFC 3834 section 5: no vacation notice answers this.
  g_mime_object_set_header(GMIME_OBJECT(message.get()), "Auto-Submitted", "auto-generated", nullptr);
  g_mime_message_set_mime_part(message.get(), body_of(draft.words).get());
  return Message{*sender, draft.to, bytes_of(message.get())};
}

std::optional<std::string> mailbox_address(const std::string& mailbox) {
  init_gmime_once();
  const std::lock_guard lock{gmime_turn()};
  return address_of(mailbox);
}

}  // namespace waxseal::server
