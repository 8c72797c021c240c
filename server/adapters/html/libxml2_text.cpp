#include "adapters/html/libxml2_text.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <libxml/HTMLparser.h>

namespace waxseal::server {
namespace {

constexpr std::size_t max_html_bytes = 10'000'000;
constexpr int max_depth = 200;  // far more than any mail has; libxml2 leaves out, and does not say so, what is over 256
constexpr std::array<std::string_view, 5> unread = {"head", "script", "style", "template", "title"};
constexpr std::array<std::string_view, 5> lines = {"dd", "div", "dt", "li", "tr"};
constexpr std::array<std::string_view, 19> paragraphs = {
    "address", "article", "blockquote", "body", "dl", "footer", "h1",  "h2",      "h3",   "h4",
    "h5",      "h6",      "header",     "hr",   "ol", "p",      "pre", "section", "table"};

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string_view text_of(const xmlChar* bytes) {
  return bytes != nullptr ? std::string_view{reinterpret_cast<const char*>(bytes)} : std::string_view{};
}

std::string attribute(const xmlNode* element, const char* name) {
  const std::unique_ptr<xmlChar, decltype(xmlFree)> value{xmlGetProp(element, reinterpret_cast<const xmlChar*>(name)),
                                                          xmlFree};
  return std::string{text_of(value.get())};
}

/// Words flow together with one space between them; line breaks are asked for and never pile up.
class PlainText {
 public:
  void add_words(std::string_view words) {
    for (const char c : words) {
      if (is_space(c)) {
        space_due_ = true;
        continue;
      }
      start_word();
      text_ += c;
    }
  }
  /// At least so many line breaks before the next word: 1 ends the line, 2 the paragraph.
  void break_lines(std::size_t count) { breaks_due_ = std::max(breaks_due_, count); }
  void add_alone(std::string_view line) {
    break_lines(1);
    add_words(line);
    break_lines(1);
  }
  std::size_t size() const { return text_.size(); }
  std::string_view since(std::size_t start) const {
    const std::string_view words = std::string_view{text_}.substr(start);
    const std::size_t first = words.find_first_not_of(" \n");
    return first == std::string_view::npos ? std::string_view{} : words.substr(first);
  }
  std::string take() && { return text_.empty() ? std::string{} : std::move(text_) + "\n"; }

 private:
  void start_word() {
    if (!text_.empty()) {
      if (breaks_due_ > 0) {
        text_.append(breaks_due_, '\n');
      } else if (space_due_) {
        text_ += ' ';
      }
    }
    space_due_ = false;
    breaks_due_ = 0;
  }
  std::string text_;
  bool space_due_ = false;
  std::size_t breaks_due_ = 0;
};

/// Walks down the tree, not deeper than `max_depth`.
class Reader {
 public:
  explicit Reader(PlainText& text) : text_(text) {}

  void read_node(const xmlNode* node) {
    if (node->type == XML_TEXT_NODE) text_.add_words(text_of(node->content));
    if (node->type == XML_ELEMENT_NODE) read_element(node, text_of(node->name));
  }
  bool was_too_deep() const { return too_deep_; }

 private:
  void read_children(const xmlNode* node) {
    if (depth_ == max_depth) {
      too_deep_ = true;
      return;
    }
    ++depth_;
    for (const xmlNode* child = node->children; child != nullptr; child = child->next) read_node(child);
    --depth_;
  }

  void read_link(const xmlNode* element) {
    const std::size_t start = text_.size();
    read_children(element);
    const std::string url = attribute(element, "href");
    if (url.find("://") == std::string::npos) return;  // leads nowhere from a mail
    if (text_.since(start) != url) text_.add_alone(url);
  }

  void read_element(const xmlNode* element, std::string_view name) {
    if (contains(unread, name)) return;
    if (name == "a") return read_link(element);
    if (name == "br") return text_.break_lines(1);
    if (name == "img") return text_.add_words(attribute(element, "alt"));
    const std::size_t breaks = contains(paragraphs, name) ? 2 : contains(lines, name) ? 1 : 0;
    text_.break_lines(breaks);
    if (name == "li") text_.add_words("- ");
    if (name == "td" || name == "th") text_.add_words(" ");
    read_children(element);
    text_.break_lines(breaks);
  }

  PlainText& text_;
  int depth_ = 0;
  bool too_deep_ = false;
};

}  // namespace

Result<std::string> Libxml2Text::convert(std::string_view html) const {
  if (html.size() > max_html_bytes) return fail(ErrorCode::internal, "the HTML is over 10 MB");
  const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document{
      htmlReadMemory(html.data(), static_cast<int>(html.size()), nullptr, "UTF-8",
                     HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET),
      xmlFreeDoc};
  const xmlNode* root = document ? xmlDocGetRootElement(document.get()) : nullptr;
  if (root == nullptr) return fail(ErrorCode::internal, "there is no HTML in it");
  PlainText text;
  Reader reader{text};
  reader.read_node(root);
  if (reader.was_too_deep()) return fail(ErrorCode::internal, "the HTML is nested deeper than 200 elements");
  return std::move(text).take();
}

}  // namespace waxseal::server
