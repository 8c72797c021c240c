"""Mails in the language of the request and from the site's own templates, and what `waxseal check` says of those."""

import json
import unittest
from email import message_from_bytes, policy

from waxseal_program import Server, SiteTest, wait_until


class TemplatesTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()
        self.folder = self.site.folder / "mails"

    def configure(self, **register_email):
        self.site.configure(register_email=register_email)

    def put(self, name, source):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)

    def mail_after(self, server, address, accept_language=None):
        before = len(self.site.mails())
        headers = {"Authorization": f"Token {self.site.token}"}
        if accept_language is not None:
            headers["Accept-Language"] = accept_language
        self.assertEqual(server.post("/api/v1/accounts/register-email/", {"email": address}, **headers)[0], 200)

        def mail():
            for path in self.site.mails()[before:]:
                message = message_from_bytes(path.read_bytes(), policy=policy.strict)
                if message["To"] == address:
                    return message
        return wait_until(mail, "the mail")


class LanguageTest(TemplatesTest):
    SUBJECTS = {
        "en": "Confirm your new address for site.example", "de": "Bestätigen Sie Ihre neue E-Mail-Adresse für site.example",
        "fr": "Confirmez votre nouvelle adresse e-mail pour site.example", "es": "Confirme su nueva dirección de correo para site.example",
        "pl": "Potwierdzenie nowego adresu e-mail w serwisie site.example",
        "pt-BR": "Confirme seu novo endereço de e-mail para site.example",
        "id": "Konfirmasikan alamat email baru Anda untuk site.example",
    }

    def test_a_mail_is_written_in_the_language_of_its_request(self):
        with Server(self.site) as server:
            for number, (language, subject) in enumerate(self.SUBJECTS.items()):
                message = self.mail_after(server, f"new{number}@site.example", f"{language}, zh;q=0.9")
                self.assertEqual(message["Subject"], subject)
                self.assertTrue(message.as_bytes().isascii())
                self.assertEqual([part.defects for part in message.walk()], [[], [], []])
                self.assertIn(f'<html lang="{language}">', message.get_body("html").get_content())
                text = message.get_body("plain").get_content()
                self.assertEqual(len([line for line in text.splitlines() if line.startswith("https://site.example/verify-email/?")]), 1)
                self.assertEqual(self.site.query("SELECT language FROM waxseal_outbox WHERE kind = 'verify_email' ORDER BY id DESC LIMIT 1"),
                                 [(language,)])

    def test_without_a_language_of_ours_it_is_the_configured_one(self):
        self.configure(default_language="pl")
        with Server(self.site) as server:
            for number, header in enumerate((None, "", "zh, ja;q=0.5", "*", "x" * 3000, ";;,q=;de")):
                message = self.mail_after(server, f"new{number}@site.example", header)
                self.assertEqual(message["Subject"], self.SUBJECTS["pl"], header)

    def test_answers_stay_english(self):
        with Server(self.site) as server:
            status, _, body = server.post("/api/v1/accounts/register-email/", {"email": "new@site.example"},
                                          **{"Authorization": f"Token {self.site.token}", "Accept-Language": "de"})
        self.assertEqual((status, body), (200, {"detail": "Register email link email sent"}))

    def test_a_language_that_is_none_of_ours_is_refused_by_the_check(self):
        self.configure(default_language="xx")
        self.assert_refused(self.site.run("check"), "register_email.default_language", '"pt-BR"')


class OwnTemplatesTest(TemplatesTest):
    def test_the_sites_own_mail_in_html_alone_gets_a_text_with_its_links(self):
        self.put("verify_email.subject.mustache", "{{site}}: is {{email}} yours?\n")
        self.put("verify_email.html.mustache", '<html><body><p>Dear <b>{{account}}</b>,</p><p><a href="{{link}}">yes</a></p></body></html>\n')
        self.configure(templates_dir=str(self.folder))
        self.site.must("check")
        with Server(self.site) as server:
            message = self.mail_after(server, "new@site.example", "de")
        self.assertEqual(message["Subject"], "site.example: is new@site.example yours?")
        self.assertIn("<b>a***@s***.example</b>", message.get_body("html").get_content())
        self.assertRegex(message.get_body("plain").get_content(), r"(?m)^https://site\.example/verify-email/\?user_id=1&\S+\r?$")

    def test_each_language_has_its_own(self):
        self.put("de/verify_email.subject.mustache", "Hallo")
        self.put("de/verify_email.text.mustache", "{{link}}")
        self.configure(templates_dir=str(self.folder))
        with Server(self.site) as server:
            german = self.mail_after(server, "new@site.example", "de-AT")
            self.assertEqual((german["Subject"], german.get_content_type()), ("Hallo", "text/plain"))
            self.assertEqual(self.mail_after(server, "newer@site.example", "en")["Subject"], "Confirm your new address for site.example")

    def test_check_tells_every_mistake_with_its_line_and_serve_refuses(self):
        self.put("verify_email.text.mustache", "Hello\n{{link}} {{usr}}\n{{#site}}\n")
        self.put("de/email_in_use.subject.mustache", "Hallo {{nmae}}")
        self.put("de/email_in_use.html.mustache", "<p>\n\n{{account}")
        self.configure(templates_dir=str(self.folder))
        expected = (f"{self.folder}/verify_email.text.mustache:3: register_email.templates_dir: Unclosed section",
                    f"{self.folder}/verify_email.subject.mustache: register_email.templates_dir: is missing",
                    f"{self.folder}/de/email_in_use.subject.mustache:1: register_email.templates_dir: {{{{nmae}}}} has no value",
                    f"{self.folder}/de/email_in_use.html.mustache:3: register_email.templates_dir: Unclosed tag")
        for command in ("check", "serve"):
            self.assert_refused(self.site.run(command), *expected)
        answer = self.site.run("check", "--json")
        self.assertEqual(answer.code, 1)
        told = json.loads(answer.out)
        self.assertFalse(told["ok"])
        self.assertEqual({problem["key"] for problem in told["problems"]}, {"register_email.templates_dir"})

    def test_a_folder_that_is_missing(self):
        self.configure(templates_dir=str(self.folder))
        self.assert_refused(self.site.run("check"), "register_email.templates_dir", str(self.folder), "cannot be read")


if __name__ == "__main__":
    unittest.main()
