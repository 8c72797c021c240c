"""The webhook user.email_changed as its receiver sees it: signed, once a change, again after a failure; and whom it never calls."""

import base64
import email.utils
import json
import os
import socket
import subprocess
import time
import unittest
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from email import message_from_bytes, policy

from receiver import Receiver
from waxseal_program import DJANGO_SECRET, Server, SiteTest, wait_until

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
PACKAGES = Path(__file__).resolve().parents[2] / "tests" / "e2e" / "node_modules"


class WebhookTest(SiteTest):
    secrets = (DJANGO_SECRET, SECRET, SECRET.removeprefix("whsec_"))

    def setUp(self):
        super().setUp()
        self.site.prepare()
        (self.site.folder / "webhook").write_text(SECRET + "\n")

    def configure(self, port, host="127.0.0.1", scheme="http", path="/hooks/email?from=waxseal", allow_hosts=("127.0.0.1",), **sections):
        self.site.configure(webhooks={"url": f"{scheme}://{host}:{port}{path}", "secret_file": str(self.site.folder / "webhook"),
                                      "allow_hosts": list(allow_hosts)}, **sections)

    def events(self):
        """(state, attempts, reason) of each event."""
        return self.site.query("SELECT state, attempts, reason FROM waxseal_outbox WHERE kind = 'email_changed' ORDER BY id")

    def event(self):
        event, = self.events()
        return event

    def make_due(self):
        self.site.query("UPDATE waxseal_outbox SET due_at = 0 WHERE state = 'queued'")

    def link_in_mail_to(self, address, page, after=0):
        """The values of the link to that page in a mail to that address, as soon as it is there."""
        def link():
            for path in self.site.mails()[after:]:
                message = message_from_bytes(path.read_bytes(), policy=policy.strict)
                if message["To"] == address:
                    lines = message.get_body("plain").get_content().splitlines()
                    return next(line for line in lines if line.startswith(page))
        return dict(parse_qsl(urlsplit(wait_until(link, "the mail")).query))

    def link_to(self, server, address):
        before = len(self.site.mails())
        self.assertEqual(server.register_email(address)[0], 200)
        return self.link_in_mail_to(address, "https://site.example/verify-email/", after=before)

    def change(self, server, address):
        """A whole change of ada's address, by its link."""
        status, _, body = server.verify_email(self.link_to(server, address))
        self.assertEqual((status, body["code"]), (200, "verified"))


class ToldTest(WebhookTest):
    def test_a_change_is_told_signed_and_once(self):
        with Receiver() as receiver:
            self.configure(receiver.port)
            with Server(self.site) as server:
                link = self.link_to(server, "new@site.example")
                self.assertEqual((receiver.received, self.events()), ([], []))
                begun = int(time.time())
                server.verify_email(link)
                server.verify_email(link)  # already-verified: no second change
                told, = wait_until(lambda: receiver.received, "the event")
                wait_until(lambda: self.event()[0] == "sent", "it is marked")
            self.assertEqual(len(receiver.received), 1)
        self.assertEqual((told.method, told.path, told.headers["Content-Type"]), ("POST", "/hooks/email?from=waxseal", "application/json"))
        self.assertTrue(told.is_signed_with(SECRET))
        self.assertFalse(told.is_signed_with("whsec_" + base64.b64encode(bytes(32)).decode()))
        self.assertRegex(told.id, r"^msg_[0-9a-f]{32}$")
        timestamp = told.event.pop("timestamp")
        self.assertRegex(timestamp, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        told_at = time.mktime(time.strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        self.assertTrue(begun <= told_at <= time.time())
        self.assertEqual(told.event, {"type": "user.email_changed", "data": {
            "user_id": "1", "old_email": "ada@site.example", "new_email": "new@site.example", "reason": "verified"}})

    def test_a_change_without_verification_is_told_as_such(self):
        with Receiver() as receiver:
            self.configure(receiver.port, register_email={"verification_enabled": False})
            with Server(self.site) as server:
                self.assertEqual(server.register_email("new@site.example")[0], 200)
                told, = wait_until(lambda: receiver.received, "the event")
        self.assertEqual(told.event["data"]["reason"], "unverified")
        self.assertTrue(told.is_signed_with(SECRET))

    def test_a_change_that_its_owner_takes_back_is_told_as_such(self):
        with Receiver() as receiver:
            self.configure(receiver.port, register_email={"notify_old_address": True, "undo_url": "https://site.example/undo-email/"})
            with Server(self.site) as server:
                self.change(server, "thief@site.example")
                undo = self.link_in_mail_to("ada@site.example", "https://site.example/undo-email/")
                self.assertEqual(server.undo_email(undo)[0], 200)
                wait_until(lambda: len(receiver.received) == 2, "both events")
        taken, given_back = sorted(receiver.received, key=lambda told: told.event["data"]["reason"], reverse=True)
        self.assertEqual(taken.event["data"]["reason"], "verified")
        self.assertEqual(given_back.event["data"], {"user_id": "1", "old_email": "thief@site.example",
                                                    "new_email": "ada@site.example", "reason": "undone"})
        self.assertNotEqual(taken.id, given_back.id)
        self.assertTrue(given_back.is_signed_with(SECRET))

    def test_a_refused_change_is_not_told(self):
        with Receiver() as receiver:
            self.configure(receiver.port)
            with Server(self.site) as server:
                link = self.link_to(server, "new@site.example")
                self.assertEqual(server.verify_email({**link, "email": "other@site.example"})[0], 400)
            self.assertEqual((receiver.received, self.events()), ([], []))

    def test_without_a_webhook_nothing_is_queued(self):
        with Server(self.site) as server:
            self.change(server, "new@site.example")
        self.assertEqual(self.events(), [])

    def test_the_public_package_accepts_it(self):
        """standardwebhooks from npm, as a receiver would use it."""
        installed = subprocess.run([PACKAGES.parent / "install"], capture_output=True, text=True)
        if installed.returncode != 0:
            if os.environ.get("CI") == "true":
                self.fail(installed.stderr)
            self.skipTest(f"no npm packages: {installed.stderr}")
        with Receiver() as receiver:
            self.configure(receiver.port)
            with Server(self.site) as server:
                self.change(server, "new@site.example")
                told, = wait_until(lambda: receiver.received, "the event")
        script = """
            const { Webhook } = require("standardwebhooks");
            const { secret, body, headers } = JSON.parse(require("fs").readFileSync(0));
            console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
            try { new Webhook(secret).verify(body.replace("new@", "thief@"), headers); process.exit(3); } catch {}
        """
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        given = {"secret": SECRET, "body": told.body.decode(), "headers": {name: told.headers[name] for name in names}}
        done = subprocess.run(["node", "-e", script], input=json.dumps(given), capture_output=True, text=True, timeout=60,
                              env={**os.environ, "NODE_PATH": str(PACKAGES)})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), told.event)


class RetryTest(WebhookTest):
    def test_a_failure_is_tried_again_with_the_same_id_and_body_and_a_new_timestamp(self):
        with Receiver() as receiver:
            receiver.status, receiver.answer = 500, b"out of\r\norder"
            self.configure(receiver.port)
            with Server(self.site) as server:
                self.change(server, "new@site.example")
                reason = wait_until(lambda: self.event()[1] and self.event()[2], "an attempt")
                self.assertEqual(reason, "webhook: the receiver answered 500: out of  order")
                listed = [entry for entry in self.site.must("outbox", "list", "--state", "queued", "--json").json()["entries"]]
                self.assertEqual([(entry["kind"], entry["reason"]) for entry in listed], [("email_changed", reason)])
                receiver.status, receiver.answer = 200, b"x" * 1_000_000  # more than is read
                wait_until(lambda: time.time() >= int(receiver.received[0].headers["webhook-timestamp"]) + 1, "another second")
                self.make_due()
                wait_until(lambda: self.event()[0] == "sent", "it is told")
            first, second = receiver.received
        self.assertEqual((first.id, first.body), (second.id, second.body))
        self.assertNotEqual(first.headers["webhook-timestamp"], second.headers["webhook-timestamp"])
        self.assertTrue(second.is_signed_with(SECRET))

    def test_a_receiver_that_asks_for_a_rest_gets_it_for_an_hour_at_most(self):
        in_ten_minutes = email.utils.formatdate(time.time() + 600, usegmt=True)
        for retry_after, least, most in (("600", 600, 605), (in_ten_minutes, 590, 605), ("999999999999", 3600, 3605), ("soon", 0, 20), ("-5", 0, 20)):
            with self.subTest(retry_after=retry_after), Receiver() as receiver:
                self.site.query("DELETE FROM waxseal_outbox")
                self.site.query("UPDATE waxseal_account SET email = 'ada@site.example' WHERE id = '1'")
                receiver.status, receiver.headers = 429, {"Retry-After": retry_after}
                self.configure(receiver.port)
                with Server(self.site) as server:
                    begun = int(time.time())
                    self.change(server, "new@site.example")
                    wait_until(lambda: self.event()[1], "an attempt")
                (due,), = self.site.query("SELECT due_at FROM waxseal_outbox WHERE kind = 'email_changed'")
                self.assertTrue(least <= due - begun <= most, due - begun)

    def test_gone_ends_it(self):
        with Receiver() as receiver:
            receiver.status = 410
            self.configure(receiver.port)
            with Server(self.site) as server:
                self.change(server, "new@site.example")
                self.assertIn("410", wait_until(lambda: self.event()[0] == "dead" and self.event()[2], "it is given up"))
            self.assertEqual(len(receiver.received), 1)

    def test_threat_25_a_redirect_is_not_followed(self):
        with Receiver() as receiver, Receiver() as elsewhere:
            receiver.status, receiver.headers = 307, {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
            self.configure(receiver.port)
            with Server(self.site) as server:
                self.change(server, "new@site.example")
                self.assertIn("redirect", wait_until(lambda: self.event()[1] and self.event()[2], "an attempt"))
            self.assertEqual(elsewhere.received, [])
        self.assertEqual(self.event()[0], "queued")

    def test_nobody_listens_and_the_change_stands(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.configure(closed.getsockname()[1])
            with Server(self.site) as server:
                self.change(server, "new@site.example")
                self.assertIn("onnect", wait_until(lambda: self.event()[1] and self.event()[2], "an attempt"))
        self.assertEqual(self.site.must("user", "show", "1", "--json").json()["email"], "new@site.example")

    def test_a_receiver_that_hangs_holds_up_no_mail_and_no_stop(self):
        with Receiver() as receiver:
            receiver.delay_s = 60
            self.configure(receiver.port)
            with Server(self.site) as server:
                self.change(server, "new@site.example")
                wait_until(lambda: receiver.received, "an event that hangs")
                self.link_to(server, "newer@site.example")
                begun = time.monotonic()
                server.terminate()
                self.assertEqual(server.wait(), 0)
                self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(self.event()[0], "queued")

    def test_an_event_survives_a_kill_and_the_next_start_tells_it(self):
        with Receiver() as receiver:
            receiver.delay_s = 60
            self.configure(receiver.port)
            with Server(self.site) as server:
                self.change(server, "new@site.example")
                wait_until(lambda: receiver.received, "an event that hangs")
                server.kill()
            receiver.delay_s = 0
            self.site.query("UPDATE waxseal_outbox SET due_at = 0 WHERE state = 'queued'")  # its lease ends
            with Server(self.site):
                wait_until(lambda: self.event()[0] == "sent", "it is told")
            self.assertEqual(receiver.received[0].id, receiver.received[1].id)

    def test_events_are_dropped_when_the_webhook_is_taken_out(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            self.configure(closed.getsockname()[1])
            with Server(self.site) as server:
                self.change(server, "new@site.example")
                wait_until(lambda: self.event()[1], "an attempt")
        self.site.configure()
        self.make_due()
        with Server(self.site):
            wait_until(lambda: self.event()[0] == "dropped", "it is dropped")


class ForbiddenTest(WebhookTest):
    """Names that lead inside. The receiver listens there, and must hear nothing."""

    def assert_not_called(self, receiver, *words):
        with Server(self.site) as server:
            self.change(server, "new@site.example")
            reason = wait_until(lambda: self.event()[1] and self.event()[2], "an attempt")
        for word in words:
            self.assertIn(word, reason)
        self.assertEqual(receiver.received, [])

    def test_threat_25_a_private_address_that_nobody_named(self):
        with Receiver() as receiver:
            self.configure(receiver.port, scheme="https", allow_hosts=())
            self.assert_not_called(receiver, "127.0.0.1", "webhooks.allow_hosts")

    def test_threat_25_a_name_that_leads_to_a_private_address(self):
        with Receiver() as receiver:
            self.configure(receiver.port, host="localhost", scheme="https", allow_hosts=("127.0.0.1",))
            self.assert_not_called(receiver, "not public")

    def test_other_spellings_of_this_machine(self):
        for host in ("[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0", "[::]"):
            with self.subTest(host=host), Receiver() as receiver:
                self.site.query("DELETE FROM waxseal_outbox")
                self.site.query("UPDATE waxseal_account SET email = 'ada@site.example' WHERE id = '1'")
                self.configure(receiver.port, host=host, scheme="https", allow_hosts=())
                self.assert_not_called(receiver, "not public")

    def test_a_proxy_of_the_environment_is_not_used(self):
        with Receiver() as receiver, Receiver() as proxy:
            self.configure(receiver.port)
            with Server(self.site, http_proxy=f"http://127.0.0.1:{proxy.port}", ALL_PROXY=f"http://127.0.0.1:{proxy.port}") as server:
                self.change(server, "new@site.example")
                wait_until(lambda: receiver.received, "the event")
            self.assertEqual(proxy.received, [])

    def test_tls_without_a_trusted_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                        "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", self.site.folder / "tls.key",
                        "-out", self.site.folder / "tls.pem"], check=True, capture_output=True)

        class Certificates:
            certificate, key = self.site.folder / "tls.pem", self.site.folder / "tls.key"
        with Receiver(Certificates) as receiver:
            self.configure(receiver.port, scheme="https")
            self.assert_not_called(receiver, "certificate")


if __name__ == "__main__":
    unittest.main()
