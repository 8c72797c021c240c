#pragma once
/// @file front_end.hpp
/// What the team of the pages behind links has to put there, from the configuration of the backend.

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace waxseal::server {

/// A page that links lead to.
struct FrontEndPage {
  std::string url;
  std::string html;                     ///< The element and what loads it, to be pasted into the page.
  std::string content_security_policy;  ///< To be sent with it.
};

struct FrontEnd {
  std::vector<FrontEndPage> pages;
  std::vector<Problem> problems;  ///< What would keep them from working.
};

/// @param backend  The backend's origin as browsers reach it, e.g. "https://api.example"; empty: the pages' own.
FrontEnd front_end_of(const Configuration& configuration, const std::string& backend);

}  // namespace waxseal::server
