// The routes of the admin listener, without a socket.

#include "http/admin_api.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;

namespace {

struct AdminSite {
  explicit AdminSite(std::vector<ReadinessCheck> checks) : api(std::move(checks), [] { return "a_metric 1\n"; }) {
    api.add_routes(router);
  }
  HttpResponse get(const std::string& path, const std::string& method = "GET") {
    HttpRequest request;
    request.method = method;
    request.path = path;
    return router.handle(request);
  }
  AdminApi api;
  Router router;
};

Result<void> fine() { return {}; }
Result<void> broken() { return fail(ErrorCode::unavailable, "the disk is full"); }

}  // namespace

TEST_CASE("readyz names every check, and the reason of each that failed") {
  AdminSite site{{{"storage", broken}, {"keys", fine}, {"outbox", broken}}};
  const HttpResponse answer = site.get("/readyz");
  CHECK(answer.status == 503);
  CHECK(nlohmann::json::parse(answer.body) == nlohmann::json::parse(R"({"status": "not ready", "checks": [
          {"name": "storage", "ok": false, "reason": "the disk is full"}, {"name": "keys", "ok": true},
          {"name": "outbox", "ok": false, "reason": "the disk is full"}]})"));
}

TEST_CASE("readyz is 200 when every check passes, healthz is whatever they say") {
  AdminSite ready{{{"storage", fine}}};
  CHECK(ready.get("/readyz").status == 200);
  CHECK(nlohmann::json::parse(ready.get("/readyz").body)["status"] == "ready");
  AdminSite not_ready{{{"storage", broken}}};
  CHECK(not_ready.get("/healthz").status == 200);
}

TEST_CASE("metrics are text of the version that Prometheus reads, and nothing is posted here") {
  AdminSite site{{}};
  const HttpResponse answer = site.get("/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(answer.body == "a_metric 1\n");
  for (const char* path : {"/metrics", "/healthz", "/readyz"}) CHECK(site.get(path, "POST").status == 405);
  CHECK(site.get("/api/v1/accounts/verify-email/").status == 404);
}
