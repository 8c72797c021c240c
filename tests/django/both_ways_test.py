"""Links and tokens of Django at Waxseal, and Waxseal's links at Django, over one database."""

import time
import unittest

from beside_django import WEEK_S, BesideDjangoTest, Token, fields_of, new_address, signed_by_django
from django.utils import timezone


class DjangoLinksTest(BesideDjangoTest):
    waxseal_settings = {"signing": {"issue": "django", "accept": ["django"]}}

    def test_waxseal_accepts_a_link_that_django_mailed(self):
        before = self.row()
        link = self.link_from(self.django)
        self.assert_verified(self.waxseal.verify_email(link), "verified")
        self.assertEqual(self.row(), {**before, "email": link["email"]})

    def test_django_accepts_a_link_that_waxseal_mailed(self):
        before = self.row()
        link = self.link_from(self.waxseal)
        self.assert_verified(self.django.verify_email(link))
        self.assertEqual(self.row(), {**before, "email": link["email"]})

    def test_each_accepts_its_own(self):
        for server in (self.django, self.waxseal):
            link = self.link_from(server)
            self.assert_verified(server.verify_email(link))
            self.assertEqual(self.email(), link["email"])

    def test_django_accepts_a_link_of_the_command(self):
        email = new_address()
        made = self.site.must("link", "new", "--user", self.account.pk, "--email", email, "--scheme", "django", "--json").json()
        self.assert_verified(self.django.verify_email(fields_of(made["url"])))
        self.assertEqual(self.email(), email)

    def test_both_make_the_same_link_of_the_same_values(self):
        email, now = "o'neil+a b@site.example", int(time.time())
        theirs = signed_by_django(self.account.pk, email, timestamp=now)
        ours = self.site.must("link", "new", "--user", self.account.pk, "--email", email, "--timestamp", now,
                              "--scheme", "django", "--json").json()
        self.assertEqual(fields_of(ours["url"]), theirs)
        by_mail = self.url_from(self.django, new_address())
        values = fields_of(by_mail)
        again = self.site.must("link", "new", "--user", values["user_id"], "--email", values["email"],
                               "--timestamp", values["timestamp"], "--scheme", "django", "--json").json()
        self.assertEqual(again["url"], by_mail)

    def test_an_old_link_is_refused_by_both(self):
        link = signed_by_django(self.account.pk, new_address(), timestamp=int(time.time()) - WEEK_S - 60)
        self.assertEqual(self.django.verify_email(link)[2], {"detail": "Signature expired"})
        self.assert_rejected(self.waxseal.verify_email(link), "signature-expired", "Signature expired")

    def test_a_used_link_is_remembered_by_waxseal_only(self):
        link = self.link_from(self.django)
        self.assert_verified(self.waxseal.verify_email(link), "verified")
        self.assert_verified(self.waxseal.verify_email(link), "already-verified")
        self.account.refresh_from_db()
        self.account.email = new_address()
        self.account.save()
        self.assert_rejected(self.waxseal.verify_email(link), "link-used")
        self.assertEqual(self.email(), self.account.email)
        self.assert_verified(self.django.verify_email(link))

    def test_a_link_that_django_took_is_not_remembered(self):
        """What docs/migrating-from-django.md says: while verify-email is answered by both, one time means at Waxseal."""
        link = self.link_from(self.django)
        self.assert_verified(self.django.verify_email(link))
        self.assert_verified(self.waxseal.verify_email(link), "already-verified")


class SignInTest(BesideDjangoTest):
    def test_a_token_signs_in_as_soon_as_django_made_it(self):
        self.assertEqual(self.register(self.waxseal, new_address())[0], 200)

    def test_a_token_is_dead_as_soon_as_django_deleted_it(self):
        Token.objects.filter(user=self.account).delete()
        theirs, ours = (self.register(server, new_address()) for server in (self.django, self.waxseal))
        self.assertEqual((ours[0], ours[1]["WWW-Authenticate"], ours[2]["detail"]),
                         (401, theirs[1]["WWW-Authenticate"], theirs[2]["detail"]))

    def test_a_token_that_django_replaced(self):
        Token.objects.filter(user=self.account).delete()
        old, self.account.token = self.account.token, Token.objects.create(user=self.account).key
        self.assertEqual(self.register(self.waxseal, new_address())[0], 200)
        self.account.token = old
        self.assertEqual(self.register(self.waxseal, new_address())[0], 401)

    def test_inactive_accounts_cannot_sign_in(self):
        self.account.is_active = False
        self.account.save()
        theirs, ours = (self.register(server, new_address()) for server in (self.django, self.waxseal))
        self.assertEqual((theirs[0], ours[0]), (401, 401))
        self.assertEqual(ours[2]["detail"], theirs[2]["detail"])
        self.assertEqual(ours[2]["code"], "user-inactive")

    def test_links_of_accounts_that_became_inactive_are_refused(self):
        of_django, of_waxseal = self.link_from(self.django), self.link_from(self.waxseal)
        self.account.is_active = False
        self.account.save(update_fields=["is_active"])
        self.assertEqual(self.django.verify_email(of_django)[2], {"detail": "User not found"})
        for link in (of_django, of_waxseal):
            self.assert_rejected(self.waxseal.verify_email(link), "user-not-found", "User not found")
        self.account.is_active = True
        self.account.last_login = timezone.now()
        self.account.save(update_fields=["is_active", "last_login"])
        self.assert_verified(self.waxseal.verify_email(of_waxseal), "verified")

    def test_links_of_deleted_accounts_are_refused(self):
        of_django, of_waxseal = self.link_from(self.django), self.link_from(self.waxseal)
        self.account.delete()
        for link in (of_django, of_waxseal):
            self.assert_rejected(self.waxseal.verify_email(link), "user-not-found", "User not found")


if __name__ == "__main__":
    unittest.main()
