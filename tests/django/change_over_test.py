"""From Django's links to ed25519, from one SECRET_KEY to the next, and what Django's own changes do to links in flight."""

import unittest

from beside_django import BesideDjangoTest, User, fields_of, new_address, signed_by_django
from waxseal_program import Server

NEW_SECRET = "the-secret-that-django-was-given-when-it-was-changed"


class ChangeOverTest(BesideDjangoTest):
    """`issue` is ed25519 by default; `accept` has both."""

    def test_new_links_are_ed25519_and_djangos_in_flight_still_hold(self):
        in_flight = self.link_from(self.django)
        of_waxseal = self.link_from(self.waxseal)
        self.assertEqual(len(in_flight["signature"]), 43)
        self.assertEqual(len(of_waxseal["signature"]), 108)
        self.assert_verified(self.waxseal.verify_email(in_flight), "verified")
        self.assertEqual(self.email(), in_flight["email"])
        self.assert_rejected(self.waxseal.verify_email(of_waxseal), "link-superseded")
        of_waxseal = self.link_from(self.waxseal)
        self.assert_verified(self.waxseal.verify_email(of_waxseal), "verified")
        self.assertEqual(self.email(), of_waxseal["email"])
        self.assert_rejected(self.waxseal.verify_email(in_flight), "link-used")

    def test_django_refuses_our_own_kind_of_link(self):
        link = self.link_from(self.waxseal)
        self.assertEqual(self.django.verify_email(link)[2], {"detail": "Invalid signature"})
        self.assertNotEqual(self.email(), link["email"])

    def test_once_django_is_not_accepted_any_more_its_links_are_refused(self):
        in_flight = self.link_from(self.django)
        self.addCleanup(self.configure)
        self.configure(signing={"accept": ["ed25519"], "django_secret_file": None})
        with Server(self.site) as later:
            self.assert_rejected(later.verify_email(in_flight), "signature-invalid", "Invalid signature")
            self.assert_verified(later.verify_email(self.link_from(later)), "verified")

    def test_a_password_changed_in_django_kills_a_link(self):
        link = self.link_from(self.waxseal)
        self.account.set_password("second password")
        self.account.save(update_fields=["password"])
        before = self.row()
        self.assert_rejected(self.waxseal.verify_email(link), "link-superseded")
        self.assertEqual(self.row(), before)
        self.assert_verified(self.waxseal.verify_email(self.link_from(self.waxseal)), "verified")

    def test_an_address_changed_in_django_kills_a_link(self):
        link = self.link_from(self.waxseal)
        User.objects.filter(pk=self.account.pk).update(email=new_address())
        before = self.row()
        self.assert_rejected(self.waxseal.verify_email(link), "link-superseded")
        self.assertEqual(self.row(), before)

    def test_other_columns_changed_in_django_kill_nothing(self):
        link = self.link_from(self.waxseal)
        User.objects.filter(pk=self.account.pk).update(first_name="Ada", is_staff=True)
        before = self.row()
        self.assert_verified(self.waxseal.verify_email(link), "verified")
        self.assertEqual(self.row(), {**before, "email": link["email"]})

    def test_a_full_row_save_takes_our_change_back_and_its_link_stays_used(self):
        """Django writes every column as it read it before. Documented, for nobody can see it from outside."""
        stale = User.objects.get(pk=self.account.pk)
        link = self.link_from(self.waxseal)
        self.assert_verified(self.waxseal.verify_email(link), "verified")
        stale.first_name = "Ada"
        stale.save()
        self.assertEqual(self.email(), stale.email)
        self.assert_rejected(self.waxseal.verify_email(link), "link-used")
        again = fields_of(self.url_from(self.waxseal, new_address()))
        self.assert_verified(self.waxseal.verify_email(again), "verified")

    def test_a_save_that_names_its_fields_takes_nothing_back(self):
        stale = User.objects.get(pk=self.account.pk)
        link = self.link_from(self.waxseal)
        self.assert_verified(self.waxseal.verify_email(link), "verified")
        stale.first_name = "Ada"
        stale.save(update_fields=["first_name"])
        self.assertEqual((self.email(), self.row()["first_name"]), (link["email"], "Ada"))


class SecretRotationTest(BesideDjangoTest):
    """Django has the new secret since its restart; Waxseal has both."""

    waxseal_settings = {"signing": {"issue": "django", "accept": ["django"], "django_secret_file": "new-secret",
                                    "django_secret_fallback_files": ["secret"]}}

    @classmethod
    def configure(cls, **sections):
        (cls.site.folder / "new-secret").write_text(NEW_SECRET + "\n")
        super().configure(**sections)
        cls.site_settings = {"SITE_SECRET_FILE": cls.site.folder / "new-secret"}

    def test_links_of_the_old_secret_hold_at_waxseal(self):
        link = signed_by_django(self.account.pk, new_address())  # the tests' own Django still has the old secret
        self.assertEqual(self.django.verify_email(link)[2], {"detail": "Invalid signature"})
        self.assert_verified(self.waxseal.verify_email(link), "verified")
        self.assertEqual(self.email(), link["email"])

    def test_links_of_the_new_secret_hold_at_both(self):
        self.assert_verified(self.waxseal.verify_email(self.link_from(self.django)), "verified")
        self.assert_verified(self.django.verify_email(self.link_from(self.waxseal)))

    def test_without_the_old_secret_its_links_are_refused(self):
        link = signed_by_django(self.account.pk, new_address())
        self.addCleanup(self.configure, **self.waxseal_settings)
        self.configure(signing={**self.waxseal_settings["signing"], "django_secret_fallback_files": []})
        with Server(self.site) as later:
            self.assert_rejected(later.verify_email(link), "signature-invalid")
        self.assertNotEqual(self.email(), link["email"])


if __name__ == "__main__":
    unittest.main()
