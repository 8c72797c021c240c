#include "adapters/icu/icu_time_words.hpp"

#include <unicode/dtptngen.h>
#include <unicode/measfmt.h>
#include <unicode/measunit.h>
#include <unicode/measure.h>
#include <unicode/smpdtfmt.h>

#include <stdexcept>

namespace waxseal::server {
namespace {

void must(UErrorCode status) {
  if (U_FAILURE(status) != 0) throw std::runtime_error{std::string{"ICU: "} + u_errorName(status)};
}

/// "en" alone is the English of the United States, which writes the month first and has no 24 hours.
icu::Locale locale_of(const std::string& language) {
  const icu::Locale locale = icu::Locale::createFromName(language == "en" ? "en-GB" : language.c_str());
  return locale.getLanguage()[0] != '\0' ? locale : icu::Locale::createFromName("en-GB");
}

std::unique_ptr<icu::SimpleDateFormat> date_format_of(const icu::Locale& locale) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::DateTimePatternGenerator> generator{
      icu::DateTimePatternGenerator::createInstance(locale, status)};
  must(status);
  const icu::UnicodeString pattern = generator->getBestPattern(UNICODE_STRING_SIMPLE("yMMMMdHHmm"), status);
  auto format = std::make_unique<icu::SimpleDateFormat>(pattern, locale, status);
  must(status);
  format->setTimeZone(*icu::TimeZone::getGMT());
  return format;
}

icu::MeasureFormat measure_format_of(const icu::Locale& locale) {
  UErrorCode status = U_ZERO_ERROR;
  icu::MeasureFormat format{locale, UMEASFMT_WIDTH_WIDE, status};
  must(status);
  return format;
}

std::string utf8(const icu::UnicodeString& text) {
  std::string bytes;
  return text.toUTF8String(bytes);
}

}  // namespace

struct IcuTimeWords::Formats {
  explicit Formats(const icu::Locale& locale) : date(date_format_of(locale)), measure(measure_format_of(locale)) {}
  std::unique_ptr<icu::SimpleDateFormat> date;
  icu::MeasureFormat measure;
};

IcuTimeWords::IcuTimeWords() = default;
IcuTimeWords::~IcuTimeWords() = default;

const IcuTimeWords::Formats& IcuTimeWords::formats_of(const std::string& language) const {
  std::unique_ptr<Formats>& formats = formats_[language];
  if (!formats) formats = std::make_unique<Formats>(locale_of(language));
  return *formats;
}

std::string IcuTimeWords::in_words(UnixTime time, const std::string& language) const {
  const std::lock_guard lock{mutex_};
  icu::UnicodeString text;
  formats_of(language).date->format(static_cast<UDate>(to_unix_s(time)) * 1000, text);
  return utf8(text) + " UTC";
}

std::string IcuTimeWords::in_words(std::chrono::seconds duration, const std::string& language) const {
  using namespace std::chrono;
  const auto [count, unit] = duration >= hours{48}    ? std::pair{duration / hours{24}, icu::MeasureUnit::getDay()}
                             : duration >= hours{2}   ? std::pair{duration / hours{1}, icu::MeasureUnit::getHour()}
                             : duration >= minutes{2} ? std::pair{duration / minutes{1}, icu::MeasureUnit::getMinute()}
                                                      : std::pair{duration / seconds{1}, icu::MeasureUnit::getSecond()};
  // CLDR's Polish day is the "doba" of the sun. People write "dni", whatever their number from two on.
  if (unit == icu::MeasureUnit::getDay() && language == "pl") return std::to_string(count) + " dni";
  const std::lock_guard lock{mutex_};
  UErrorCode status = U_ZERO_ERROR;
  const icu::Measure measure{icu::Formattable{static_cast<std::int64_t>(count)}, new icu::MeasureUnit{unit}, status};
  icu::UnicodeString text;
  icu::FieldPosition no_field;
  formats_of(language).measure.formatMeasures(&measure, 1, text, no_field, status);
  must(status);
  return utf8(text);
}

}  // namespace waxseal::server
