"""The npm package against a Django backend: `check`, then `submit`, as a page does; no Waxseal server takes part."""

import json
import time
import unittest

from beside_django import WEEK_S, BesideDjangoTest, new_address, press, signed_by_django, url_of


class PackageTest(BesideDjangoTest):
    def signed(self, **values):
        return signed_by_django(**{"user_id": self.account.pk, "email": new_address(), **values})

    def test_a_mailed_link_is_ready_then_verified(self):
        before = self.row()
        url = self.url_from(self.django, new_address())
        answer, = press(self.api(), url)
        self.assertEqual(answer["check"]["status"], "ready")
        self.assertNotIn("authentic", answer["check"])  # nobody but Django knows its secret
        self.assert_outcome(answer, "verified", "verified", "Email verified successfully")
        self.assertEqual(self.row(), {**before, "email": answer["check"]["link"]["email"]})

    def test_a_second_submit_is_verified_again_where_addresses_are_not_unique(self):
        url = url_of(self.signed())
        first, second = press(self.api(), url, url)
        self.assert_outcome(first, "verified", "verified")
        self.assert_outcome(second, "verified", "verified")

    def test_altered_links_are_rejected(self):
        link, other = self.signed(), self.new_account()
        later = str(int(link["timestamp"]) + 1)
        altered = [{**link, "email": "thief@site.example"}, {**link, "user_id": other.pk}, {**link, "timestamp": later},
                   {**link, "signature": "A" * 43}]
        before = self.row()
        for answer in press(self.api(), *map(url_of, altered)):
            self.assertEqual(answer["check"]["status"], "ready")  # without the secret nobody can tell
            self.assert_outcome(answer, "rejected", "signature-invalid", "Invalid signature")
        self.assertEqual(self.row(), before)

    def test_an_expired_link_is_so_to_both(self):
        answer, = press(self.api(), url_of(self.signed(timestamp=int(time.time()) - WEEK_S - 48 * 60 * 60)))
        self.assertEqual(answer["check"]["status"], "expired")
        self.assert_outcome(answer, "rejected", "signature-expired", "Signature expired")

    def test_an_account_that_is_gone(self):
        answer, = press(self.api(), url_of(self.signed(user_id=987654)))
        self.assert_outcome(answer, "rejected", "user-not-found", "User not found")

    def test_fields_that_django_refuses(self):
        answer, = press(self.api(), url_of(self.signed(email="no-address")))
        self.assert_outcome(answer, "rejected", "invalid-fields")

    def test_refusals_under_the_key_for_errors_of_no_field(self):
        settings = json.dumps({"USE_NON_FIELD_ERRORS_KEY_FROM_DRF_SETTINGS": True})
        with self.serve_django(SITE_REST_REGISTRATION=settings) as django:
            answer, = press(self.api(django), url_of({**self.signed(), "signature": "A" * 43}))
        self.assert_outcome(answer, "rejected", "signature-invalid")

    def test_a_site_that_has_turned_it_off(self):
        settings = json.dumps({"REGISTER_EMAIL_VERIFICATION_ENABLED": False})
        with self.serve_django(SITE_REST_REGISTRATION=settings) as django:
            answer, = press(self.api(django), url_of(self.signed()))
        self.assert_outcome(answer, "rejected", "not-found")

    def test_a_wrong_path(self):
        answer, = press(self.api(path="/api/v2/"), url_of(self.signed()))
        self.assert_outcome(answer, "rejected", "not-found")

    def test_a_site_that_limits_requests(self):
        settings = json.dumps({"DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
                               "DEFAULT_THROTTLE_RATES": {"anon": "1/hour"}})
        url = url_of(self.signed())
        with self.serve_django(SITE_REST_FRAMEWORK=settings) as django:
            first, second = press(self.api(django), url, url)
        self.assert_outcome(first, "verified", "verified")
        self.assert_outcome(second, "rejected", "rate-limited")
        self.assertTrue(second["outcome"]["retryable"])
        self.assertTrue(3000 < second["outcome"]["retryAfter"] <= 3600, second)

    def test_nobody_answers(self):
        with self.serve_django() as django:
            gone = self.api(django)
        answer, = press(gone, url_of(self.signed()))
        self.assert_outcome(answer, "unreachable", "network")
        self.assertTrue(answer["outcome"]["retryable"])

    def test_the_same_links_at_waxseal(self):
        good, forged = url_of(self.signed()), url_of({**self.signed(), "signature": "A" * 43})
        first, second, third = press(self.api(self.waxseal), good, good, forged)
        self.assert_outcome(first, "verified", "verified")
        self.assert_outcome(second, "already-verified", "already-verified")
        self.assert_outcome(third, "rejected", "signature-invalid")


if __name__ == "__main__":
    unittest.main()
