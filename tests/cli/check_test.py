"""`waxseal check`: every mistake at once, each with key, line and what is allowed; what the mail server says; what pages need."""

import re
import unittest

from waxseal_program import WITHOUT_POWERS, SiteTest

# Twelve mistakes of different kinds: the key of each, and its line. A syntax error would hide the others, so it has a test of its own.
TWELVE = """[server]
listen = "8080"
lissten = "127.0.0.1:80"
threads = 0
cors_origins = ["https://app.example/"]
trusted_proxies = ["10.0.0.0/33"]
[storage]
retention = "1d"
[register_email]
verification_url = "app.example/verify"
verification_period = "7 days"
from = "a@site.example, b@site.example"
undo_period = "2d"
[signing]
keys_dir = "keys"
issue = "hmac"
[mail]
smtp_url = "smtp://user:word@relay.example"
tls = "maybe"
[limits]
per_user = "five an hour"
per_domain = ""
"""
MISTAKES = {"server.listen": 2, "server.lissten": 3, "server.threads": 4, "server.cors_origins": 5, "server.trusted_proxies": 6,
            "storage.retention": 8, "register_email.verification_url": 10, "register_email.verification_period": 11,
            "register_email.from": 12, "signing.issue": 16, "mail.smtp_url": 18, "mail.tls": 19, "limits.per_user": 21}
ALLOWED = {"server.listen": "127.0.0.1:8080", "server.lissten": "listen", "server.threads": "from 1 to 1024",
           "server.cors_origins": "https://app.example", "server.trusted_proxies": "10.0.0.0/8", "storage.retention": "register_email.verification_period (7d)",
           "register_email.verification_url": "http", "register_email.verification_period": "\"7d\"",
           "register_email.from": "Name <address>", "signing.issue": "\"ed25519\", \"django\"",
           "mail.smtp_url": "smtp_password_file", "mail.tls": "\"required\", \"none\"", "limits.per_user": "\"5/h\""}


class MistakesTest(SiteTest):
    def test_each_of_many_mistakes_is_named_by_key_and_line_with_what_is_allowed(self):
        self.site.config.write_text(TWELVE)
        answer = self.site.run("check")
        self.assertEqual(answer.code, 1)
        lines = answer.err.splitlines()
        self.assertEqual(len(lines), len(MISTAKES), answer.err)
        self.assertGreaterEqual(len(lines), 12)
        for key, number in MISTAKES.items():
            with self.subTest(key=key):
                line, = (line for line in lines if f" {key}: " in line)
                self.assertRegex(line, rf"^error: {re.escape(str(self.site.config))}:{number}:\d+: {key}: ")
                self.assertIn(ALLOWED[key], line)
        self.assertNotIn("word@", answer.err)
        problems = self.site.run("check", "--json").json()["problems"]
        self.assertEqual({problem["key"]: int(problem["where"].split(":")[-2]) for problem in problems}, MISTAKES)

    def test_what_drrs_own_system_checks_look_for(self):
        """Verification on without a page, a sender, or templates that hold the link; tokens without their application."""
        (self.site.folder / "templates").mkdir()
        (self.site.folder / "templates" / "verify_email.text.mustache").write_text("Subject without a link\n\nHello {{nobody}}\n")
        self.site.configure(register_email={"templates_dir": str(self.site.folder / "templates")})
        self.assert_refused(self.site.run("check"), "register_email.templates_dir", "verify_email.text.mustache")
        self.site.configure(register_email={"verification_url": None, "from": None}, users={"table": "auth_user"})
        self.assert_refused(self.site.run("check"), "register_email.verification_url", "register_email.from", "auth.token_table")


class ProbeTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()

    def test_a_mail_server_that_does_not_answer_is_an_error_on_probe_alone(self):
        self.site.configure(mail={"transport": "smtp", "smtp_url": "smtp://127.0.0.1:1", "tls": "none", "timeout": "2s"})
        self.assertEqual(self.site.run("check").code, 0)
        self.assert_refused(self.site.run("check", "--probe"), "error: mail.smtp_url: ", "127.0.0.1")

    def test_a_mail_folder_that_cannot_be_written(self):
        (self.site.folder / "closed").mkdir(mode=0o500)
        self.site.launcher = WITHOUT_POWERS
        self.site.configure(mail={"directory": str(self.site.folder / "closed" / "mail")})
        self.assert_refused(self.site.run("check", "--probe"), "mail.directory", "closed")
        self.site.configure()
        before = sorted(self.site.folder.rglob("*"))
        self.site.must("check", "--probe")
        self.assertEqual(sorted(self.site.folder.rglob("*")), before)


class FrontEndTest(SiteTest):
    def pages(self, *options):
        return self.site.must("check", "--front-end", "--json", *options).json()["front_end"]

    def test_a_page_on_the_backends_own_origin(self):
        page, = self.pages()
        self.assertEqual(page["url"], "https://site.example/verify-email/")
        self.assertEqual(page["content_security_policy"], "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
                                                          "connect-src 'self'; base-uri 'none'")
        for attribute in ('endpoint="/api/v1/accounts/"', 'period="604800"', 'keys-url="/.well-known/jwks.json"', 'purpose="register-email"'):
            self.assertIn(attribute, page["html"])
        text = self.site.must("check", "--front-end").out
        self.assertIn(page["html"], text)
        self.assertIn(page["content_security_policy"], text)

    def test_pages_on_another_origin_with_periods_and_template_of_the_configuration(self):
        template = "https://app.example/#/verify/{user_id}/{email}/{timestamp}/{signature}"
        self.site.configure(server={"cors_origins": ["https://app.example"], "base_path": "/accounts"},
                            register_email={"verification_url": None, "url_template": template, "verification_period": "2h",
                                            "notify_old_address": True, "undo_url": "https://app.example/undo/?a&b", "undo_period": "3d"})
        verify, undo = self.pages("--backend", "https://api.example")
        for attribute in ('endpoint="https://api.example/accounts/"', 'period="7200"', f'template="{template}"',
                          'keys-url="https://api.example/.well-known/jwks.json"'):
            self.assertIn(attribute, verify["html"])
        for attribute in ('period="259200"', 'purpose="undo-email"'):
            self.assertIn(attribute, undo["html"])
        self.assertNotIn("template=", undo["html"])
        for page in (verify, undo):
            self.assertIn("connect-src 'self' https://api.example;", page["content_security_policy"])

    def test_django_links_have_no_keys(self):
        self.site.configure(signing={"issue": "django"})
        self.assertNotIn("keys-url", self.pages()[0]["html"])

    def test_an_origin_that_may_not_call_is_doubtful(self):
        self.assertIn('server.cors_origins: lacks "https://site.example"',
                      self.site.must("check", "--front-end", "--backend", "https://api.example").err)
        self.site.configure(server={"cors_origins": ["https://site.example"]})
        self.assertIn("--backend", self.site.must("check", "--front-end").err)
        self.assertNotIn("cors_origins", self.site.must("check", "--front-end", "--backend", "https://api.example").err)

    def test_misuse(self):
        for options in (["--backend", "https://api.example"], ["--front-end", "--backend", "api.example"],
                        ["--front-end", "--backend", "https://api.example/"]):
            self.assertEqual(self.site.run("check", *options).code, 2, options)

    def test_nothing_is_printed_for_a_configuration_with_errors(self):
        self.site.configure(mail={"tls": "maybe"})
        answer = self.site.run("check", "--front-end")
        self.assertEqual((answer.code, answer.out), (1, ""))


if __name__ == "__main__":
    unittest.main()
