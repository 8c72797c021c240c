"""A model of accounts that is not Django's own: a UUID for a key, unique addresses, another unique column in links."""

import json
import os
import unittest
import uuid

os.environ["SITE_USER_MODEL"] = "people.Person"  # read when Django's settings are

from beside_django import VERIFICATION_URL, BesideDjangoTest, Token, fields_of, new_address, signed_by_django  # noqa: E402


class PersonTest:
    """What holds whichever column links name."""

    def id_in_links(self):
        raise NotImplementedError

    def test_each_accepts_a_link_of_the_other(self):
        for issuer, acceptor in ((self.django, self.waxseal), (self.waxseal, self.django)):
            before = self.row()
            link = self.link_from(issuer)
            self.assertEqual(link["user_id"], self.id_in_links())
            self.assert_verified(acceptor.verify_email(link))
            self.assertEqual(self.row(), {**before, "email": link["email"]})

    def test_a_link_of_the_command(self):
        made = self.site.must("link", "new", "--user", self.id_in_links(), "--email", new_address(), "--scheme", "django", "--json")
        link = fields_of(made.json()["url"])
        self.assert_verified(self.django.verify_email(link))
        self.assertEqual(self.email(), link["email"])

    def test_an_address_that_another_account_has(self):
        other = self.new_account()
        link = signed_by_django(self.id_in_links(), other.email)
        theirs, ours = self.django.verify_email(link), self.waxseal.verify_email(link)
        self.assertEqual((theirs[0], theirs[2]), (400, {"detail": "This email is already registered."}))
        self.assert_rejected(ours, "email-already-registered", theirs[2]["detail"])

    def test_an_address_that_another_account_was_given_by_django_after_our_start(self):
        link = self.link_from(self.waxseal)
        other = self.new_account(email=link["email"])
        self.assert_rejected(self.waxseal.verify_email(link), "email-already-registered")
        self.assertEqual(self.row(other)["email"], link["email"])

    def test_an_address_that_django_took_from_its_holder_is_free(self):
        other = self.new_account()
        freed, other.email = other.email, new_address()
        other.save()
        link = signed_by_django(self.id_in_links(), freed)
        self.assert_verified(self.waxseal.verify_email(link), "verified")
        self.assertEqual(self.email(), freed)

    def test_a_request_for_an_address_that_is_taken_looks_the_same_and_mails_no_link(self):
        lines = self.lines_from(self.waxseal, self.new_account().email)
        self.assertFalse([line for line in lines if VERIFICATION_URL in line])

    def test_unknown_accounts(self):
        for user_id in (str(uuid.uuid4()), "nobody"):
            self.assert_rejected(self.waxseal.verify_email(signed_by_django(user_id, new_address())), "user-not-found")


class UuidTest(PersonTest, BesideDjangoTest):
    waxseal_settings = {"users": {"email_unique": True}, "signing": {"issue": "django", "accept": ["django"]}}

    def id_in_links(self):
        return str(self.account.pk)

    def test_only_the_spelling_that_django_writes_is_the_account(self):
        """Django takes these for the account, too; nobody ever signed them. Fails closed."""
        for spelling in (self.account.pk.hex, str(self.account.pk).upper()):
            self.assert_rejected(self.waxseal.verify_email(signed_by_django(spelling, new_address())), "user-not-found")


class AnotherUniqueColumnTest(PersonTest, BesideDjangoTest):
    """USER_VERIFICATION_ID_FIELD. Tokens still name the primary key."""

    waxseal_settings = {"users": {"id_column": "handle", "email_unique": True},
                        "signing": {"issue": "django", "accept": ["django"]}}
    site_settings = {"SITE_REST_REGISTRATION": json.dumps({"USER_VERIFICATION_ID_FIELD": "handle"})}

    def id_in_links(self):
        return self.account.handle

    def test_tokens_name_the_primary_key(self):
        self.assertEqual(Token.objects.get(key=self.account.token).user_id, self.account.pk)
        self.assertEqual(self.register(self.waxseal, new_address())[0], 200)

    def test_a_handle_that_reads_like_a_number(self):
        account = self.new_account(handle="007")
        link = fields_of(self.url_from(self.waxseal, new_address(), account))
        self.assertEqual(link["user_id"], "007")
        self.assert_verified(self.django.verify_email(link))
        self.assert_rejected(self.waxseal.verify_email(signed_by_django("7", new_address())), "user-not-found")


class Ed25519Test(BesideDjangoTest):
    """The default scheme on accounts with UUIDs."""

    waxseal_settings = {"users": {"email_unique": True}}

    def test_the_whole_way(self):
        before = self.row()
        link = self.link_from(self.waxseal)
        self.assert_verified(self.waxseal.verify_email(link), "verified")
        self.assertEqual(self.row(), {**before, "email": link["email"]})

    def test_a_password_changed_in_django_kills_a_link(self):
        link = self.link_from(self.waxseal)
        self.account.set_password("second password")
        self.account.save(update_fields=["password"])
        self.assert_rejected(self.waxseal.verify_email(link), "link-superseded")


if __name__ == "__main__":
    unittest.main()
