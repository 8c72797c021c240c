"""`waxseal link`: signing links of both schemes, one and many, and explaining a link in words."""

import json
import time
import unittest
import urllib.parse
from pathlib import Path

from waxseal_program import DJANGO_SECRET, Server, SiteTest

PERIOD_S = 7 * 86400
VECTORS = Path(__file__).parents[1] / "vectors" / "signatures.jsonl"


def fields_of(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


class NewTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()

    def new(self, *arguments, **options):
        return self.site.run("link", "new", *arguments, **options)

    def test_an_ed25519_link_works_when_it_is_posted(self):
        url = self.site.must("link", "new", "--user", "1", "--email", "new@site.example").out.strip()
        self.assertTrue(url.startswith("https://site.example/verify-email/?user_id=1&email=new%40site.example&timestamp="), url)
        with Server(self.site) as server:
            self.assertEqual(server.verify_email(fields_of(url))[2]["code"], "verified")
        self.assertEqual(self.site.must("user", "show", "1", "--json").json()["email"], "new@site.example")

    def test_a_django_link_works_when_it_is_posted(self):
        answer = self.site.must("link", "new", "--user", "1", "--email", "new@site.example", "--scheme", "django", "--json").json()
        self.assertEqual(fields_of(answer["url"])["signature"], answer["signature"])
        self.assertEqual(len(answer["signature"]), 43)
        with Server(self.site) as server:
            self.assertEqual(server.verify_email(fields_of(answer["url"]))[2]["code"], "verified")

    def test_it_counts_as_a_request_that_mails_nothing(self):
        older = self.site.must("link", "new", "--user", "1", "--email", "older@site.example").out.strip()
        self.site.must("link", "new", "--user", "1", "--email", "newer@site.example")
        self.assertEqual(self.site.outbox(), [])
        with Server(self.site) as server:
            status, _, body = server.verify_email(fields_of(older))
        self.assertEqual((status, body["code"]), (400, "link-superseded"))

    def test_the_timestamp_is_the_given_one(self):
        for scheme in ("ed25519", "django"):
            with self.subTest(scheme=scheme):
                url = self.new("--user", "1", "--email", "a@b.example", "--timestamp", "1600000000", "--scheme", scheme).out.strip()
                self.assertEqual(fields_of(url)["timestamp"], "1600000000")
                self.assert_refused(self.new("--user", "1", "--email", "a@b.example", "--timestamp", "yesterday", "--scheme", scheme), "timestamp")

    def test_now_is_the_timestamp_otherwise(self):
        before = int(time.time())
        signed = int(fields_of(self.new("--user", "1", "--email", "a@b.example").out.strip())["timestamp"])
        self.assertTrue(before <= signed <= time.time())

    def test_the_address_is_not_judged(self):
        for address in ("nobody", "a b", "\"quoted\"@x.example", "мир@пример.рф"):
            with self.subTest(address=address):
                url = self.site.must("link", "new", "--user", "1", "--email", address, "--scheme", "django").out.strip()
                self.assertEqual(fields_of(url)["email"], address)

    def test_an_ed25519_link_is_for_an_account_that_exists(self):
        self.assert_refused(self.new("--user", "9", "--email", "a@b.example"), "9")
        self.assertEqual(self.new("--user", "9", "--email", "a@b.example", "--scheme", "django").code, 0)

    def test_the_scheme_is_the_configured_one_by_default(self):
        self.site.configure(signing={"issue": "django"})
        self.assertEqual(len(self.new("--user", "1", "--email", "a@b.example", "--json").json()["signature"]), 43)
        self.assertGreater(len(self.new("--user", "1", "--email", "a@b.example", "--json", "--scheme", "ed25519").json()["signature"]), 43)

    def test_a_url_template_is_used(self):
        self.site.configure(register_email={"verification_url": None, "url_template": "https://a.example/#/v/{user_id}/{email}/{timestamp}/{signature}"})
        self.assertTrue(self.new("--user", "1", "--email", "a@b.example").out.startswith("https://a.example/#/v/1/a%40b.example/"))


class DjangoTest(SiteTest):
    """A configuration that knows Django's secret only: no tables, no keys."""

    def setUp(self):
        super().setUp()
        self.site.configure(signing={"issue": "django", "accept": ["django"], "keys_dir": None})

    def test_it_opens_no_store(self):
        self.site.must("link", "new", "--user", "1", "--email", "a@b.example")
        self.site.must("link", "new", "--stdin", stdin='{"user_id":"1","email":"a@b.example"}\n')
        self.assertFalse(self.site.database.exists())

    def test_it_makes_the_recorded_signatures(self):
        rows = [json.loads(line) for line in VECTORS.read_text().splitlines()]
        by_secret = {}
        for row in rows:
            by_secret.setdefault(row["secret"], []).append(row)
        for secret, group in by_secret.items():
            (self.site.folder / "secret").write_bytes(secret.encode())
            lines = "".join(json.dumps({name: row[name] for name in ("user_id", "email", "timestamp")}) + "\n" for row in group)
            answer = self.site.run("link", "new", "--stdin", stdin=lines, WAXSEAL_SIGNING_DJANGO_SECRET=secret)
            made = [json.loads(line)["signature"] for line in answer.out.splitlines()]
            self.assertEqual(made, [row["signature"] for row in group])


class StdinTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()

    def test_answers_are_in_order_and_bad_lines_keep_their_place(self):
        good = [{"user_id": "1", "email": f"a{i}@b.example", "timestamp": str(1700000000 + i)} for i in range(5)]
        bad = ["nonsense", "[]", "", '{"user_id":"1"}', '{"email":"a@b.example"}', '{"user_id":"1","email":""}',
               '{"user_id":["1"],"email":"a@b.example"}', '{"user_id":"1","email":"a@b.example","timestamp":"soon"}',
               '{"user_id":"1","email":"a@b.example","timestamp":1.5}', '{"user_id":"9","email":"a@b.example"}', "\xff"]
        lines = [line for pair in zip(map(json.dumps, good), bad) for line in pair] + bad[len(good):]
        answer = self.site.run("link", "new", "--stdin", stdin="".join(line + "\n" for line in lines))
        self.assertEqual(answer.code, 1)
        results = [json.loads(line) for line in answer.out.splitlines()]
        self.assertEqual(len(results), len(lines))
        for line, result in zip(lines, results):
            if line in bad:
                self.assertEqual(list(result), ["error"], line)
            else:
                self.assertEqual(list(result), ["signature", "url"])
                self.assertEqual(fields_of(result["url"])["email"], json.loads(line)["email"])

    def test_all_good_lines_exit_with_0_and_numbers_are_taken(self):
        self.site.query("INSERT INTO waxseal_account (id, email) VALUES ('77', 'x@site.example')")
        answer = self.site.run("link", "new", "--stdin", stdin='{"user_id":77,"email":"a@b.example","timestamp":1700000000}')
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(fields_of(json.loads(answer.out)["url"])["timestamp"], "1700000000")

    def test_no_lines_no_answers(self):
        answer = self.site.run("link", "new", "--stdin")
        self.assertEqual((answer.code, answer.out), (0, ""))


class InspectTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()
        self.now = int(time.time())

    def link(self, scheme="ed25519", age_s=0, email="new@site.example"):
        return self.site.must("link", "new", "--user", "1", "--email", email, "--scheme", scheme,
                              "--timestamp", str(self.now - age_s)).out.strip()

    def inspect(self, url, **options):
        return self.site.run("link", "inspect", url, **options)

    def test_a_ready_link(self):
        for scheme in ("ed25519", "django"):
            with self.subTest(scheme=scheme):
                url = self.link(scheme)
                answer = self.inspect(url)
                self.assertEqual(answer.code, 0, answer)
                for word in ("account    1\n", "address    new@site.example\n", "genuine", "Genuine and not expired", "UTC", scheme):
                    self.assertIn(word, answer.out)
                report = self.site.must("link", "inspect", url, "--json").json()
                self.assertEqual((report["status"], report["authentic"], report["user_id"], report["email"]),
                                 ("ready", True, "1", "new@site.example"))

    def test_an_expired_link(self):
        for scheme in ("ed25519", "django"):
            with self.subTest(scheme=scheme):
                url = self.link(scheme, age_s=PERIOD_S + 60)
                answer = self.inspect(url)
                self.assertEqual(answer.code, 1)
                self.assertIn("Expired", answer.out)
                self.assertEqual(json.loads(self.site.run("link", "inspect", url, "--json").out)["status"], "expired")

    def test_an_altered_link(self):
        for scheme in ("ed25519", "django"):
            with self.subTest(scheme=scheme):
                url = self.link(scheme).replace("email=new", "email=evil")
                answer = self.inspect(url)
                self.assertEqual(answer.code, 1)
                self.assertIn("Altered", answer.out)
                report = json.loads(self.site.run("link", "inspect", url, "--json").out)
                self.assertEqual((report["status"], report["authentic"]), ("altered", False))

    def test_a_malformed_link(self):
        url = self.link()
        for broken, missing in ((url[:url.index("&signature")], ["signature"]), ("https://site.example/", ["user_id", "email", "timestamp", "signature"]),
                                ("", ["user_id", "email", "timestamp", "signature"]), (url + "&email=evil%40site.example", []),
                                (url + "x" * 4096, [])):
            with self.subTest(broken=broken[:80]):
                answer = self.inspect(broken)
                self.assertEqual(answer.code, 1, answer)
                self.assertIn("Malformed", answer.out)
                for name in missing:
                    self.assertIn(name, answer.out)
                self.assertEqual(json.loads(self.site.run("link", "inspect", broken, "--json").out),
                                 {"status": "malformed", "code": "link-malformed", "missing": missing})

    def test_a_truncated_signature_is_altered(self):
        answer = self.inspect(self.link()[:-5])
        self.assertEqual(answer.code, 1)
        self.assertIn("Altered", answer.out)

    def test_a_link_from_standard_input_stays_out_of_the_list_of_processes(self):
        self.assertIn("Genuine", self.inspect("-", stdin=self.link() + "\n").out)

    def test_without_a_configuration_it_says_what_can_be_said(self):
        url, old = self.link(), self.link(age_s=PERIOD_S + 60)
        elsewhere = self.site.folder / "elsewhere"
        elsewhere.mkdir()
        answer = self.inspect(url, config=False, cwd=elsewhere)
        self.assertEqual(answer.code, 0, answer)
        self.assertIn("not checked", answer.out)
        self.assertIn("no key here to tell", answer.out)
        self.assertEqual(answer.err, "")
        self.assertIn("Expired", self.inspect(old, config=False, cwd=elsewhere).out)
        self.assertIn("Malformed", self.inspect("https://site.example/", config=False, cwd=elsewhere).out)

    def test_a_configuration_that_was_named_must_be_there(self):
        self.assert_refused(self.site.run("link", "inspect", self.link(), "--config", "none.toml", config=False), "none.toml")

    def test_a_retired_key_makes_its_links_altered(self):
        url = self.link()
        kid = self.site.must("key", "list", "--json").json()["keys"][0]["kid"]
        self.site.must("key", "new")
        self.assertIn("Genuine", self.inspect(url).out)
        self.site.must("key", "retire", kid)
        self.assertIn("Altered", self.inspect(url).out)

    def test_control_characters_of_a_link_do_not_reach_the_terminal(self):
        answer = self.inspect("https://site.example/?user_id=1%1b%5b2J&email=a%0Ab%40c.example&timestamp=1700000000&signature=x")
        self.assertNotIn("\x1b", answer.out)
        self.assertNotIn("a\nb@", answer.out)
        self.assertIn("account    1?[2J\n", answer.out)


if __name__ == "__main__":
    unittest.main()
