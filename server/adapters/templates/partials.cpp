#include "adapters/templates/partials.hpp"

#include <algorithm>

#include "adapters/templates/sentences.hpp"
#include "embedded_templates.hpp"

namespace waxseal::server {
namespace {

constexpr std::string_view opening = "{{>";
constexpr std::string_view closing = "}}";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string with_bold_address(std::string sentence) {
  constexpr std::string_view address = "{{email}}";
  constexpr std::string_view bold = "<strong>{{email}}</strong>";
  for (std::size_t place = sentence.find(address); place != std::string::npos;
       place = sentence.find(address, place + bold.size())) {
    sentence.replace(place, address.size(), bold);
  }
  return sentence;
}

}  // namespace

Result<std::string> partial(std::string_view name, MailKind kind, const std::string& language, TemplatePart part) {
  if (name == "language") return language;
  if (name == "head" && part == TemplatePart::html) {
    const auto head = std::find_if(embedded_templates.begin(), embedded_templates.end(),
                                   [](const EmbeddedFile& file) { return file.name == "head.html"; });
    return with_partials(head->text, kind, language, part);
  }
  const Sentences* sentences = sentences_in(language);
  const std::string* sentence = sentences != nullptr ? find_sentence(*sentences, kind, name) : nullptr;
  if (sentence == nullptr) return fail(ErrorCode::internal, "no partial " + std::string{name});
  return part == TemplatePart::html ? with_bold_address(*sentence) : *sentence;
}

Result<std::string> with_partials(std::string_view source, MailKind kind, const std::string& language,
                                  TemplatePart part) {
  std::string whole;
  while (true) {
    const std::size_t begin = source.find(opening);
    const std::size_t end = begin == std::string_view::npos ? begin : source.find(closing, begin);
    whole.append(source.substr(0, end == std::string_view::npos ? end : begin));
    if (end == std::string_view::npos) return whole;
    const auto found =
        partial(trimmed(source.substr(begin + opening.size(), end - begin - opening.size())), kind, language, part);
    if (!found) return found;
    whole.append(*found);
    source.remove_prefix(end + closing.size());
  }
}

}  // namespace waxseal::server
