#pragma once
/// @file link.hpp
/// The verification link as text: what stands in the mail and in the address bar. Nothing here judges a
/// link: see signature.hpp for who made it and expiry.hpp for how long it holds. Pure.

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include <waxseal/error.hpp>

namespace waxseal {

/// A link longer than this is malformed, refused before it is parsed. Bytes.
inline constexpr std::size_t max_link_bytes = 4096;

/// The four values of a link, decoded, as they stood in it. None is trimmed or folded.
struct Link {
  std::string user_id;    ///< UTF-8, never empty once read.
  std::string email;      ///< UTF-8, the new address exactly as signed. Not checked against any grammar.
  std::string timestamp;  ///< When the link was signed: Unix seconds, UTC, decimal. See `parse_timestamp`.
  std::string signature;  ///< Opaque here. See signature.hpp.

  friend bool operator==(const Link& a, const Link& b) {
    return a.user_id == b.user_id && a.email == b.email && a.timestamp == b.timestamp && a.signature == b.signature;
  }
};

/// The names of the values, in the order in which links are written.
inline constexpr std::array<std::string_view, 4> link_field_names = {"user_id", "email", "timestamp", "signature"};

/// Some of `link_field_names`, each at most once. A range of `std::string_view`; allocates nothing.
class FieldNames {
 public:
  using value_type = std::string_view;
  using iterator = const std::string_view*;
  using const_iterator = iterator;

  FieldNames() = default;
  FieldNames(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) add(name);
  }
  void add(std::string_view name) { names_[size_++] = name; }

  iterator begin() const { return names_.data(); }
  iterator end() const { return names_.data() + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  friend bool operator==(const FieldNames& a, const FieldNames& b) {
    return a.size_ == b.size_ && a.names_ == b.names_;  // what is beyond the size is empty in both
  }

 private:
  std::array<std::string_view, link_field_names.size()> names_{};
  std::size_t size_ = 0;
};

/// Why a text is no link.
struct MalformedLink {
  FieldNames missing;      ///< Names of values that are absent or empty, in the order of `link_field_names`.
  std::string log_detail;  ///< For a developer. Holds no value of the link.
};

struct LinkReading;

/// How a site spells its links, when not as `<url>?user_id=…&email=…&timestamp=…&signature=…`.
class LinkTemplate {
 public:
  /// Reads a template such as `https://app.example/#/verify/{user_id}/{email}/{timestamp}/{signature}`.
  /// Each of the four placeholders stands once; between two of them, and in what follows the last one if anything does,
  /// stands a character that no percent-encoded value holds, such as `/`, so that a link reads back as it was written.
  /// @param text  At most `max_link_bytes`. Scheme, host and a `/`, `?` or `#` before the first placeholder.
  /// Fails with:  ErrorCode::link_malformed  anything else; the detail says what
  static Result<LinkTemplate> parse(std::string_view text);

  /// The link in this spelling, each value percent-encoded (space as `%20`).
  std::string write(const Link& link) const;

  /// Reads a link in this spelling. Literal parts match byte for byte; a value runs to the next literal, the
  /// last one to the first of `/ ? & #` or the end, so that tracking parameters may follow. `+` stands for itself.
  tl::expected<Link, MalformedLink> read(std::string_view url) const;

 private:
  friend LinkReading read_templated(const LinkTemplate& spelling, std::string_view url);

  /// One placeholder and the literal text before it.
  struct Part {
    std::size_t literal_at;    ///< Where the literal starts in `text_`.
    std::size_t literal_size;  ///< Bytes.
    std::size_t field;         ///< Index into `link_field_names`.
  };
  /// What is wrong with a template, said of a placeholder if there is one. Nothing if it can spell a link.
  struct Problem {
    std::string_view what = {};
    std::string_view placeholder = {};
  };
  explicit LinkTemplate(std::string_view text) : text_(text) {}
  Problem take_apart();
  std::string_view literal_before(const Part& part) const {
    return std::string_view{text_}.substr(part.literal_at, part.literal_size);
  }
  std::string_view literal_after() const { return std::string_view{text_}.substr(literal_after_at_); }

  std::string text_;
  std::array<Part, link_field_names.size()> parts_{};
  std::size_t literal_after_at_ = 0;
};

/// Writes `<verification_url>?user_id=…&email=…&timestamp=…&signature=…`. Everything except ASCII letters, digits
/// and `-._~` is percent-encoded as UTF-8, space as `+` (application/x-www-form-urlencoded, WHATWG URL section 5.2,
/// but for `*` and `~`, as Python's urlencode does). A `verification_url` that has a query already is continued
/// with `&`; one with a fragment gets the parameters inside the fragment.
std::string write_link(std::string_view verification_url, const Link& link);

/// Reads a link from the query or the fragment of a URL, or from a bare query string. `+` is a space, a `%` that
/// is no escape stands for itself, unknown names are ignored.
/// @param url  Malformed if longer than `max_link_bytes`, if a known name stands twice (in query and fragment
///             together), if a known value is missing, empty or not UTF-8.
tl::expected<Link, MalformedLink> read_link(std::string_view url);

}  // namespace waxseal
