"""examples/cpp-embed, built against the build tree as its README says, and every part that it replaces at work."""

import email
import email.policy
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from urllib.parse import unquote

from waxseal_program import LONGEST_WAIT_S, Server, Site, wait_until

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "cpp-embed"


class CppEmbedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._build = tempfile.TemporaryDirectory(prefix="waxseal-cpp-embed-")
        cls.addClassCleanup(cls._build.cleanup)
        for command in (["cmake", "-B", cls._build.name, "-S", str(EXAMPLE), f"-Dwaxseal_DIR={os.environ['WAXSEAL_BUILD']}"],
                        ["cmake", "--build", cls._build.name]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=240)
            assert done.returncode == 0, done.stdout + done.stderr
        cls.program = f"{cls._build.name}/cpp-embed"

    def setUp(self):
        self.site = Site().prepare()
        self.addCleanup(self.site.remove)
        self.mails = self.site.folder / "mails"
        self.mails.mkdir()

    def start(self):
        server = Server(self.site, command=[self.program, self.site.config, self.mails])
        self.addCleanup(server.__exit__)
        return server

    def mail_to(self, address):
        path = self.mails / f"{address}.eml"
        whole = wait_until(lambda: path.exists() and path.stat().st_size and path.read_bytes(), f"a mail to {address}")
        return email.message_from_bytes(whole, policy=email.policy.default)

    def test_a_whole_change_with_every_part_replaced(self):
        server = self.start()

        status, headers, body = server.register_email("ada@new.example")
        self.assertEqual((status, body), (202, {"next": "look into your mailbox"}))

        mail = self.mail_to("ada@new.example")
        self.assertEqual(mail["Subject"], "Ink & Wax: is this you?")
        self.assertIn("<p>Ink &amp; Wax would like to know.</p>", mail.get_body(("html",)).get_content())
        text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
        self.assertTrue(text.startswith("Open this mail in a program that shows pictures.\n"), text)
        link = re.search(r"^https://app\.example/open#confirm/(\S+)$", text, re.MULTILINE).group(1)
        fields = dict(zip(("user_id", "email", "timestamp", "signature"), map(unquote, link.split("/"))))
        self.assertEqual(fields["email"], "ada@new.example")

        status, headers, body = server.verify_email(fields)
        self.assertEqual((status, body, headers["Waxseal-Code"]), (200, {"next": "you are done"}, "verified"))
        wait_until(lambda: "account 1: verified" in server.log(), "the observer of the change")
        self.assertEqual(self.site.query("SELECT email FROM waxseal_account WHERE id = '1'"), [("ada@new.example",)])

        status, headers, body = server.verify_email(fields)
        self.assertEqual((status, headers["Waxseal-Code"]), (200, "already-verified"))
        self.assertEqual(server.log().count("account 1:"), 1)

    def test_the_validators_problems_are_answered_field_by_field_and_nothing_is_written(self):
        server = self.start()
        status, headers, body = server.post("/api/v1/accounts/register-email/", {"email": "a@throwaway.example", "reason": "x" * 201},
                                            Authorization=f"Token {self.site.token}")
        self.assertEqual(status, 400)
        self.assertEqual(body, {"email": ["Use an address that you will still have tomorrow."],
                                "reason": ["Ensure this field has no more than 200 characters."]})
        self.assertEqual(headers["Waxseal-Code"], "invalid-fields")
        self.assertEqual(self.site.outbox(), [])

    def test_a_sender_that_fails_leaves_the_mail_in_the_outbox(self):
        self.mails.rmdir()
        server = self.start()
        self.assertEqual(server.register_email("ada@new.example")[0], 202)
        wait_until(lambda: self.site.outbox() == [("queued", 1, f"{self.mails} cannot be written")], "the reason in the outbox")

    def test_sigterm_ends_it_with_the_last_mail_sent(self):
        server = self.start()
        server.register_email("ada@new.example")
        self.mail_to("ada@new.example")
        server.terminate()
        self.assertEqual(server.wait(), 0)

    def test_a_wrong_configuration_is_told_as_waxseal_check_tells_it(self):
        self.site.configure(mail={"transport": "pigeon"})
        done = subprocess.run([self.program, str(self.site.config), str(self.mails)], capture_output=True, text=True,
                              timeout=LONGEST_WAIT_S, env=self.site.environment())
        self.assertEqual(done.returncode, 1)
        self.assertIn("mail.transport", done.stderr)
        self.assertIn("smtp", done.stderr)


if __name__ == "__main__":
    unittest.main()
