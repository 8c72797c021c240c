"""The npm package against a Django backend whose model keeps addresses unique."""

import os
import unittest

os.environ["SITE_USER_MODEL"] = "people.Person"  # read when Django's settings are

from beside_django import BesideDjangoTest, new_address, press, signed_by_django, url_of  # noqa: E402


class UniqueAddressesTest(BesideDjangoTest):
    waxseal_settings = {"users": {"email_unique": True}}

    def test_a_second_submit_is_refused_by_django_for_the_address_is_taken_by_the_account_itself(self):
        url = url_of(signed_by_django(self.account.pk, new_address()))
        first, second = press(self.api(), url, url)
        self.assert_outcome(first, "verified", "verified")
        self.assert_outcome(second, "rejected", "email-already-registered", "This email is already registered.")

    def test_the_same_at_waxseal_is_no_error(self):
        url = url_of(signed_by_django(self.account.pk, new_address()))
        first, second = press(self.api(self.waxseal), url, url)
        self.assert_outcome(first, "verified", "verified")
        self.assert_outcome(second, "already-verified", "already-verified")

    def test_an_address_of_another_account(self):
        answer, = press(self.api(), url_of(signed_by_django(self.account.pk, self.new_account().email)))
        self.assert_outcome(answer, "rejected", "email-already-registered")


if __name__ == "__main__":
    unittest.main()
