"""The admin listener of a real server: metrics that promtool takes, readiness with reasons, and nothing secret in either."""

import http.client
import json
import re
import shutil
import subprocess
import unittest

from waxseal_program import LONGEST_WAIT_S, Server, SiteTest, link_in, wait_until


class AdminServer(Server):
    """A server with an admin listener. The log says where that is."""

    @property
    def admin_port(self):
        return int(re.search(r"admin listener address=http://127\.0\.0\.1:(\d+)", self.log()).group(1))

    def ask(self, path, port=None):
        """(status, headers, text) of a GET of the admin listener."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.admin_port, timeout=LONGEST_WAIT_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def metric(self, series):
        """The value of a series, whose labels are in the order of the alphabet; None if it is not there."""
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.ask("/metrics")[2], re.MULTILINE)
        return float(found.group(1)) if found else None


class AdminListenerTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.configure(server={"admin_listen": "127.0.0.1:0"},
                            register_email={"notify_old_address": True, "undo_url": "https://site.example/undo/"})
        self.site.prepare()

    def check_with_promtool(self, text):
        promtool = shutil.which("promtool")
        self.assertIsNotNone(promtool, "promtool is missing: run script/bootstrap")
        checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    def test_a_round_trip_is_counted_step_by_step(self):
        with AdminServer(self.site) as server:
            self.assertEqual(server.metric('waxseal_links_total{step="requested"}'), 0)
            self.assertEqual(server.register_email("new@site.example")[0], 200)
            wait_until(lambda: len(self.site.mails()) == 2, "both mails are there")
            links = {link["email"]: link for link in map(link_in, self.site.mails())}
            self.assertEqual(server.verify_email({**links["new@site.example"], "signature": "A" * 114})[0], 400)
            for code in ("verified", "already-verified"):
                self.assertEqual(server.verify_email(links["new@site.example"])[2]["code"], code)
            self.assertEqual(server.undo_email(links["ada@site.example"])[0], 200)
            self.assertEqual(server.undo_email(links["ada@site.example"])[2]["code"], "change-undone")
            self.assertEqual(server.verify_email(links["new@site.example"])[2]["code"], "change-undone")
            wait_until(lambda: server.metric('waxseal_outbox_attempts_total{outcome="sent",queue="mails"}') == 4, "all mails are counted")
            for series, value in {
                    'waxseal_links_total{step="requested"}': 1, 'waxseal_links_total{step="mailed"}': 1,
                    'waxseal_links_total{step="verified"}': 1, 'waxseal_links_total{step="verified-again"}': 1,
                    'waxseal_links_total{step="undone"}': 1,
                    'waxseal_links_refused_total{purpose="register-email",reason="signature-invalid"}': 1,
                    'waxseal_links_refused_total{purpose="register-email",reason="change-undone"}': 1,
                    'waxseal_links_refused_total{purpose="undo-email",reason="change-undone"}': 1,
                    'waxseal_http_requests_total{code="",route="/api/v1/accounts/register-email/",status="200"}': 1,
                    'waxseal_http_requests_total{code="change-undone",route="/api/v1/accounts/verify-email/",status="400"}': 1,
                    'waxseal_http_request_duration_seconds_count{route="/api/v1/accounts/verify-email/"}': 4,
                    'waxseal_outbox_waiting{queue="mails"}': 0, 'waxseal_outbox_waiting{queue="events"}': 0,
                    'waxseal_outbox_oldest_age_seconds{queue="mails"}': 0, 'waxseal_pool_size{pool="threads"}': 4,
                    'waxseal_ready{check="storage"}': 1, 'waxseal_ready{check="keys"}': 1, 'waxseal_ready{check="outbox"}': 1}.items():
                with self.subTest(series=series):
                    self.assertEqual(server.metric(series), value)
            text = server.ask("/metrics")[2]
            self.check_with_promtool(text)
            version = self.site.must("version", "--json").json()["version"]
            self.assertIn(f'waxseal_build_info{{version="{version}"}} 1', text)
            for private in ("site.example", self.site.token, links["new@site.example"]["signature"]):
                self.assertNotIn(private, text)

    def test_paths_that_nobody_knows_are_one_series(self):
        with AdminServer(self.site) as server:
            for path in ("/a", "/b?c", "/%00", "/api/v1/accounts/verify-email/x"):
                self.assertEqual(server.ask(path, server.port)[0], 404)
            self.assertEqual(server.metric('waxseal_http_requests_total{code="not-found",route="none",status="404"}'), 4)
            self.assertEqual(server.ask("/metrics")[2].count('status="404"'), 1)

    def test_mails_that_wait_and_that_are_given_up(self):
        self.site.configure(server={"admin_listen": "127.0.0.1:0"}, mail={"directory": str(self.site.config / "mail")})
        with AdminServer(self.site) as server:
            server.register_email("new@site.example")
            delayed = 'waxseal_outbox_attempts_total{outcome="delayed",queue="mails"}'
            wait_until(lambda: server.metric(delayed) == 1, "the mail was tried in vain")
            self.assertEqual(server.metric('waxseal_outbox_waiting{queue="mails"}'), 1)
            self.site.query("UPDATE waxseal_outbox SET created_at = created_at - 200000, due_at = 0")
            self.assertGreaterEqual(server.metric('waxseal_outbox_oldest_age_seconds{queue="mails"}'), 200000)
            wait_until(lambda: server.metric('waxseal_outbox_attempts_total{outcome="given-up",queue="mails"}') == 1, "it is given up")
            wait_until(lambda: server.metric('waxseal_outbox_waiting{queue="mails"}') == 0, "it waits no more")

    def test_readiness_with_reasons(self):
        with AdminServer(self.site) as server:
            status, _, text = server.ask("/readyz")
            self.assertEqual((status, json.loads(text)["status"]), (200, "ready"))
            self.site.query("ALTER TABLE waxseal_outbox RENAME TO outbox_elsewhere")
            status, headers, text = server.ask("/readyz")
            self.assertEqual((status, headers["Waxseal-Code"]), (503, "unavailable"))
            reasons = {check["name"]: check.get("reason") for check in json.loads(text)["checks"]}
            self.assertIn("waxseal_outbox", reasons["storage"])
            self.assertIn("waxseal_outbox", reasons["outbox"])
            self.assertIsNone(reasons["keys"])
            self.assertEqual(server.metric('waxseal_ready{check="storage"}'), 0)
            status, _, text = server.ask("/readyz", server.port)
            self.assertEqual(status, 503)
            self.assertNotIn("waxseal_outbox", text)
            self.assertEqual(server.ask("/healthz")[0], 200)
            self.site.query("ALTER TABLE outbox_elsewhere RENAME TO waxseal_outbox")
            self.assertEqual(server.ask("/readyz")[0], 200)

    def test_a_server_without_a_key_is_not_ready(self):
        with AdminServer(self.site) as server:
            self.site.must("key", "retire", self.site.must("key", "list", "--json").json()["keys"][0]["kid"])
            answer = wait_until(lambda: (lambda got: got if got[0] == 503 else None)(server.ask("/readyz")), "the key is gone")
            self.assertIn("waxseal key new", answer[2])

    def test_the_two_listeners_are_kept_apart(self):
        with AdminServer(self.site) as server:
            self.assertEqual(server.ask("/metrics", server.port)[0], 404)
            self.assertEqual(server.ask("/.well-known/jwks.json")[0], 404)
            self.assertEqual(server.ask("/metrics")[1]["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            self.assertNotIn("route=/metrics", server.log())  # a line each quarter of a minute would bury the others

    def test_an_address_that_is_taken_is_refused(self):
        with AdminServer(self.site) as server:
            self.site.configure(server={"admin_listen": f"127.0.0.1:{server.port}"})
            self.assert_refused(self.site.run("serve"), f"127.0.0.1:{server.port}", "in use")

    def test_without_the_key_there_is_no_listener(self):
        self.site.configure()
        with Server(self.site) as server:
            self.assertNotIn("admin listener", server.log())


if __name__ == "__main__":
    unittest.main()
