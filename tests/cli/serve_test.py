"""`waxseal serve`: what it refuses to start with, and how it stops."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import unittest
from email import message_from_bytes, policy
from urllib.parse import parse_qsl, urlencode, urlsplit

from waxseal_program import Server, SiteTest, is_silent, link_in, wait_until


@contextlib.contextmanager
def closed_port():
    """A port on which nobody listens, and nobody else may while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def smtp(port):
    return {"transport": "smtp", "smtp_url": f"smtp://127.0.0.1:{port}", "tls": "none"}


class RefusalTest(SiteTest):
    def test_without_tables(self):
        self.site.must("key", "new")
        self.assert_refused(self.site.run("serve"), "waxseal migrate")

    def test_without_a_key(self):
        self.site.must("migrate")
        self.assert_refused(self.site.run("serve"), "waxseal key new")
        (self.site.folder / "keys").mkdir(mode=0o700)
        self.assert_refused(self.site.run("serve"), "waxseal key new")

    def test_with_retired_keys_only(self):
        self.site.must("migrate")
        kid = self.site.must("key", "new", "--json").json()["kid"]
        self.site.must("key", "retire", kid)
        self.assert_refused(self.site.run("serve"), "waxseal key new")

    def test_with_a_bad_configuration(self):
        self.site.prepare()
        self.site.configure(server={"lissten": "127.0.0.1:80"}, mail={"tls": "maybe"})
        self.assert_refused(self.site.run("serve"), "server.lissten", "mail.tls", f"{self.site.config}:")

    def test_with_a_key_that_others_may_read(self):
        self.site.prepare()
        key, = (self.site.folder / "keys").glob("*.jwk")
        key.chmod(0o640)
        self.assert_refused(self.site.run("serve"), "chmod 600", key.name)

    def test_with_a_key_that_is_none(self):
        self.site.prepare()
        (self.site.folder / "keys" / "0badc0de.jwk").touch(mode=0o600)
        self.assert_refused(self.site.run("serve"), "0badc0de.jwk")

    def test_with_a_port_in_use(self):
        self.site.prepare()
        with Server(self.site) as first:
            self.site.configure(server={"listen": f"127.0.0.1:{first.port}"})
            self.assert_refused(self.site.run("serve"), f"127.0.0.1:{first.port}", "in use")
            self.assertEqual(first.register_email("new@site.example")[0], 200)

    def test_with_the_demo_on_real_mail(self):
        self.site.prepare()
        self.site.configure(mail=smtp(25))
        self.assert_refused(self.site.run("serve", "--demo"), "transport")

    def test_with_addresses_that_are_not_unique_any_more(self):
        self.site.configure(users={"email_unique": False})
        self.site.prepare()
        self.site.must("user", "add", "--id", "3", "--email", "bob@site.example")
        self.site.configure()
        self.assert_refused(self.site.run("serve"), "email_unique")


class AdoptedTablesTest(SiteTest):
    """Django's tables: the token is Django's, the accounts are, and nobody but Django adds any."""

    def setUp(self):
        super().setUp()
        self.site.configure(users={"table": "auth_user", "credential_column": "password"},
                            auth={"token_table": "authtoken_token"})
        self.site.token = "0123456789abcdef0123456789abcdef01234567"
        self.site.query("""CREATE TABLE auth_user (id integer PRIMARY KEY AUTOINCREMENT, password varchar(128) NOT NULL,
                                                   email varchar(254) NOT NULL, is_active bool NOT NULL)""")
        self.site.query("CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, user_id integer NOT NULL)")
        self.site.query("INSERT INTO auth_user VALUES (7, 'pbkdf2', 'ada@site.example', 1)")
        self.site.query("INSERT INTO authtoken_token VALUES (?, 7)", self.site.token)
        self.site.must("migrate")
        self.site.must("key", "new")

    def link_after(self, server, email):
        before = len(self.site.mails())
        self.assertEqual(server.register_email(email)[0], 200)
        wait_until(lambda: len(self.site.mails()) > before, "the mail is there")
        return link_in(self.site.mails()[-1])

    def test_the_whole_way_and_a_password_change_on_it(self):
        with Server(self.site) as server:
            link = self.link_after(server, "new@site.example")
            self.assertEqual(link["user_id"], "7")
            self.site.query("UPDATE auth_user SET password = 'another'")
            self.assertEqual(server.verify_email(link)[2]["code"], "link-superseded")
            link = self.link_after(server, "newer@site.example")
            self.assertEqual(server.verify_email(link)[2]["code"], "verified")
            self.assertEqual(server.verify_email(link)[2]["code"], "already-verified")
        self.assertEqual(self.site.query("SELECT * FROM auth_user"), [(7, "another", "newer@site.example", 1)])


class NoticeTest(SiteTest):
    """The old address is told, and its link takes the change back, whichever scheme the other links are of."""

    def start(self, **signing):
        self.site.configure(register_email={"notify_old_address": True, "undo_url": "https://site.example/undo-email/"},
                            signing=signing)
        self.site.prepare()
        return Server(self.site)

    def link_to(self, address, page):
        def find():
            for path in self.site.mails():
                message = message_from_bytes(path.read_bytes(), policy=policy.strict)
                lines = message.get_body("plain").get_content().splitlines()
                links = [line for line in lines if line.startswith(f"https://site.example/{page}/?")]
                if message["To"] == address and links:
                    return dict(parse_qsl(urlsplit(links[0]).query))
        return wait_until(find, f"a mail to {address} with a link to {page}")

    def assert_undone(self, server):
        self.assertEqual(server.register_email("thief@site.example")[0], 200)
        to_thief = self.link_to("thief@site.example", "verify-email")
        undo = self.link_to("ada@site.example", "undo-email")
        self.assertEqual(undo["email"], "ada@site.example")
        report = self.site.must("link", "inspect", f"https://site.example/undo-email/?{urlencode(undo)}", "--json").json()
        self.assertEqual((report["purpose"], report["status"], report["authentic"]), ("undo-email", "ready", True))
        report = self.site.must("link", "inspect", f"https://site.example/verify-email/?{urlencode(to_thief)}", "--json").json()
        self.assertEqual((report["purpose"], report["status"], report["authentic"]), ("register-email", "ready", True))
        self.assertEqual(server.verify_email(to_thief)[2]["code"], "verified")
        status, headers, body = server.undo_email(undo)
        self.assertEqual((status, body), (200, {"detail": "Email change undone"}))
        self.assertEqual(server.undo_email(undo)[2]["code"], "change-undone")
        self.assertEqual(self.site.must("user", "show", "1", "--json").json()["email"], "ada@site.example")
        wait_until(lambda: all(state == "sent" for state, _, _ in self.site.outbox()), "both addresses are told")
        self.assertEqual(len(self.site.mails()), 4)
        self.assertNotIn(undo["signature"][:20], server.log() + str(self.site.query("SELECT * FROM waxseal_outbox")))

    def test_with_ed25519(self):
        with self.start() as server:
            self.assert_undone(server)

    def test_with_django_links_alone(self):
        with self.start(issue="django", accept=["django"]) as server:
            self.assert_undone(server)

    def test_not_without_a_key(self):
        self.site.configure(register_email={"notify_old_address": True, "undo_url": "https://site.example/undo-email/"},
                            signing={"issue": "django", "accept": ["django"]})
        self.site.must("migrate")
        self.assert_refused(self.site.run("serve"), "waxseal key new")


class RunningTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()

    def tearDown(self):
        for output in self.site.outputs:
            self.assertNotIn(self.site.token, output)

    def test_the_whole_way_with_mails_as_files(self):
        with Server(self.site) as server:
            self.assertEqual(server.register_email("new@site.example")[0], 200)
            mail, = wait_until(self.site.mails, "a mail")
            message = message_from_bytes(mail.read_bytes(), policy=policy.strict)
            text = message.get_body("plain").get_content()
            link = next(line for line in text.splitlines() if line.startswith("https://site.example/"))
            inspected = self.site.must("link", "inspect", "-", "--json", stdin=link + "\n").json()
            self.assertEqual((message["To"], inspected["status"]), ("new@site.example", "ready"))
            self.assertEqual(wait_until(lambda: self.site.outbox()[0][0] != "queued" and self.site.outbox(), "sent")[0][0], "sent")
        signature = link.rsplit("=", 1)[1]
        for output in self.site.outputs:
            self.assertNotIn(signature, output)
        self.assertNotIn(signature.encode(), self.site.database.read_bytes())

    def test_logs_as_json(self):
        self.site.configure(log={"format": "json"})
        with Server(self.site, WAXSEAL_LOG_FORMAT="text") as server:  # the environment wins: the helper reads this line
            server.register_email("new@site.example")
        answer = self.site.run("serve", WAXSEAL_SERVER_LISTEN="256.0.0.1:0")
        self.assertEqual(answer.code, 1, answer)

    def test_demo_routes_are_there_with_demo_only(self):
        with Server(self.site) as server:
            self.assertEqual(server.post("/demo/api/sign-in", {"user_id": "1"})[0], 404)
        with Server(self.site, "--demo") as server:
            self.assertNotEqual(server.post("/demo/api/sign-in", {"user_id": "1"})[0], 404)

    def test_sigterm_while_a_request_is_being_sent(self):
        body = json.dumps({"email": "new@site.example"}).encode()
        head = (f"POST /api/v1/accounts/register-email/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Authorization: Token {self.site.token}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        with Server(self.site) as server, socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
            client.sendall(head + body[:5])
            self.assertTrue(is_silent(client, 0.2))
            server.terminate()
            wait_until(lambda: "stopping" in server.log(), "the server stops")
            self.wait_until_refused(server.port)
            client.sendall(body[5:])
            self.assertIn(b"200 OK", client.recv(65536))
            self.assertEqual(server.wait(), 0)
            self.assertIn("stopped", server.log())

    def test_sigterm_while_a_request_waits_for_the_database(self):
        with Server(self.site) as server, socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
            other_writer = sqlite3.connect(self.site.database, isolation_level=None)
            other_writer.execute("BEGIN IMMEDIATE")
            body = json.dumps({"email": "new@site.example"})
            client.sendall((f"POST /api/v1/accounts/register-email/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            f"Authorization: Token {self.site.token}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
            self.assertTrue(is_silent(client, 0.3))
            server.terminate()
            wait_until(lambda: "stopping" in server.log(), "the server stops")
            self.wait_until_refused(server.port)
            self.assertTrue(server.is_running())
            other_writer.execute("COMMIT")
            other_writer.close()
            self.assertIn(b"200 OK", client.recv(65536))
            self.assertEqual(server.wait(), 0)
        self.assertEqual(len(self.site.outbox()), 1)

    def test_a_stop_keeps_the_outbox_and_the_next_start_sends_it(self):
        with closed_port() as port:
            self.site.configure(mail=smtp(port))
            with Server(self.site) as server:
                self.assertEqual(server.register_email("new@site.example")[0], 200)
                wait_until(lambda: "mail delayed" in server.log(), "an attempt that fails")
                server.terminate()
                self.assertEqual(server.wait(), 0)
        (state, attempts, reason), = self.site.outbox()
        self.assertEqual((state, attempts), ("queued", 1))
        self.assertIn("smtp", reason)
        self.site.make_mails_due()
        self.site.configure()
        with Server(self.site):
            mail, = wait_until(self.site.mails, "the mail that was kept")
        self.assertIn(b"To: new@site.example", mail.read_bytes())
        self.assertEqual([state for state, _, _ in self.site.outbox()], ["sent"])

    def test_sighup_reads_the_keys_again_and_loses_no_request(self):
        head = ("POST /api/v1/accounts/register-email/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Authorization: Token {self.site.token}\r\nContent-Length: %d\r\n\r\n")
        body = json.dumps({"email": "new@site.example"}).encode()
        with Server(self.site) as server, socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
            client.sendall((head % len(body)).encode() + body[:5])
            self.assertTrue(is_silent(client, 0.2))
            kid = self.site.must("key", "new", "--json").json()["kid"]
            server.signal(signal.SIGHUP)
            wait_until(lambda: "keys read again" in server.log(), "the keys are read again")
            self.assertIn(kid, [key["kid"] for key in server.get("/.well-known/jwks.json")["keys"]])
            client.sendall(body[5:])
            self.assertIn(b"200 OK", client.recv(65536))
            server.signal(signal.SIGHUP)
            wait_until(lambda: server.log().count("keys read again") >= 2, "the keys are read again")
            self.assertTrue(server.is_running())
            server.terminate()
            self.assertEqual(server.wait(), 0)

    def test_threat_26_a_retirement_ends_the_links_of_its_key_alone(self):
        def link():
            url = self.site.must("link", "new", "--user", "1", "--email", "new@site.example").out.strip()
            return {name: value for name, value in parse_qsl(urlsplit(url).query)}

        def reread():
            lines = server.log().count("keys read again")
            server.signal(signal.SIGHUP)
            wait_until(lambda: server.log().count("keys read again") > lines, "the keys are read again")

        first = self.site.must("key", "list", "--json").json()["keys"][0]["kid"]
        with Server(self.site) as server:
            old = link()
            self.site.must("key", "new")
            new = link()
            reread()
            self.assertNotEqual(old["signature"][:8], new["signature"][:8], "one key signed both")
            self.site.must("key", "retire", first)
            reread()
            self.assertEqual(server.verify_email(old)[2]["code"], "signature-invalid")
            self.assertEqual(server.verify_email(new)[2]["code"], "verified")

    def test_threat_26_an_old_key_verifies_until_it_is_retired(self):
        with Server(self.site) as server:
            url = self.site.must("link", "new", "--user", "1", "--email", "new@site.example").out.strip()
            self.site.must("key", "new")
            server.signal(signal.SIGHUP)
            wait_until(lambda: "keys read again" in server.log(), "the keys are read again")
            self.assertEqual(server.verify_email(dict(parse_qsl(urlsplit(url).query)))[2]["code"], "verified")

    def test_threat_31_no_link_lies_in_the_queue(self):
        with closed_port() as port:
            self.site.configure(mail=smtp(port))
            with Server(self.site) as server:
                self.assertEqual(server.register_email("new@site.example")[0], 200)
                wait_until(lambda: "mail delayed" in server.log(), "an attempt, for which the link was signed")
                files = [file for file in self.site.folder.iterdir() if file.name.startswith(self.site.database.name)]
                stored = b"".join(file.read_bytes() for file in files)
        self.assertIn(b"new@site.example", stored)
        for part in (b"signature", b"verify-email/?", b"https://site.example"):
            self.assertNotIn(part, stored)

    def test_sigint_stops_like_sigterm_and_a_second_signal_does_no_harm(self):
        with Server(self.site) as server:
            os.kill(server._process.pid, 2)
            server.terminate()
            self.assertEqual(server.wait(), 0)

    def wait_until_refused(self, port):
        def refused():
            try:
                socket.create_connection(("127.0.0.1", port), timeout=20).close()
                return False
            except ConnectionRefusedError:
                return True
        wait_until(refused, "new connections are refused")


if __name__ == "__main__":
    unittest.main()
