"""Django writes an account in the very moment between Waxseal's reading it and writing it: while Django holds the file's one
write lock, a link is pressed, so that Waxseal reads the account as it was and waits for its turn to write."""

import unittest
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

from beside_django import BesideDjangoTest, User, new_address
from django.db import transaction

WAXSEAL_WAITS_S = 5


class InterleavingsTest(BesideDjangoTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = cls.enterClassContext(ThreadPoolExecutor())

    def press_while(self, link, write, hold_s=0.3):
        """The answer to a link that was pressed before Django's transaction wrote what `write` does."""
        with transaction.atomic():
            self.write(last_name="takes the lock")
            answer = self.pool.submit(self.waxseal.verify_email, link)
            with self.assertRaises(NotYet):
                answer.result(timeout=hold_s)
            write()
        return answer.result(timeout=30)

    def write(self, **columns):
        User.objects.filter(pk=self.account.pk).update(**columns)

    def test_an_address_that_was_not_read_is_not_overwritten(self):
        link, address = self.link_from(self.waxseal), new_address()
        self.assert_rejected(self.press_while(link, lambda: self.write(email=address)), "link-superseded")
        self.assertEqual(self.email(), address)

    def test_a_link_of_django_is_judged_again_by_what_django_wrote(self):
        """It names no current address, so it is good over the new one, too: read first, then overwritten."""
        link = self.link_from(self.django)
        self.assert_verified(self.press_while(link, lambda: self.write(email=new_address())), "verified")
        self.assertEqual(self.email(), link["email"])

    def test_django_wrote_the_address_of_the_link_itself(self):
        link = self.link_from(self.waxseal)
        self.assert_verified(self.press_while(link, lambda: self.write(email=link["email"])), "already-verified")

    def test_an_account_that_became_inactive(self):
        link, before = self.link_from(self.waxseal), self.email()
        self.assert_rejected(self.press_while(link, lambda: self.write(is_active=False)), "user-not-found")
        self.assertEqual(self.email(), before)

    def test_an_account_that_went_away(self):
        link = self.link_from(self.waxseal)
        self.assert_rejected(self.press_while(link, self.account.delete), "user-not-found")

    def test_other_columns_keep_what_django_wrote(self):
        link = self.link_from(self.waxseal)
        self.assert_verified(self.press_while(link, lambda: self.write(first_name="Ada", is_staff=True)), "verified")
        row = self.row()
        self.assertEqual((row["email"], row["first_name"], row["last_name"], row["is_staff"]),
                         (link["email"], "Ada", "takes the lock", True))

    def test_a_transaction_longer_than_waxseal_waits(self):
        link, before = self.link_from(self.waxseal), self.email()
        with transaction.atomic():
            self.write(last_name="takes the lock")
            answer = self.pool.submit(self.waxseal.verify_email, link).result(timeout=WAXSEAL_WAITS_S + 20)
        self.assertEqual((answer[0], answer[2]["code"]), (503, "unavailable"))
        self.assertIn("Retry-After", answer[1])
        self.assertEqual(self.email(), before)
        self.assert_verified(self.waxseal.verify_email(link), "verified")


if __name__ == "__main__":
    unittest.main()
