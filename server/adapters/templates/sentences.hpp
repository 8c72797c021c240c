#pragma once
/// @file sentences.hpp
/// What the built-in mails say, in every language that they are written in: server/locales, read once.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <waxseal/server/mail.hpp>

namespace waxseal::server {

/// Sentences by `<kind>.<name>`, or `common.<name>`. Each is a mustache source without markup, fit for text and HTML.
using Sentences = std::map<std::string, std::string, std::less<>>;

/// Tags of BCP 47 as they are stored, e.g. "pt-BR": English first, then sorted.
const std::vector<std::string>& mail_languages();

/// The sentences of a language, or null if the mails are not written in it. Exact spelling.
const Sentences* sentences_in(std::string_view language);

/// The sentence of that name for a mail of that kind: its own, or the common one. Null if there is none.
const std::string* find_sentence(const Sentences& sentences, MailKind kind, std::string_view name);

}  // namespace waxseal::server
