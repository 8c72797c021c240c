"""A Django process that writes accounts from several threads at once, as the parts of a site do: writers.py SECONDS FIRST_ID LAST_ID

Prints what it wrote, as JSON. Every write also gives the account a `last_name` that no other write gave: by it an audit of the
table knows Django's writes from those of others. A thread has accounts of its own, so that the last write to each is known.
"""

import json
import os
import random
import sys
import threading
import time
from collections import Counter
from itertools import count

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

import django  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.db import OperationalError, connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

THREADS = 4
User = get_user_model()


class Writer:
    def __init__(self, number, accounts):
        self.accounts = accounts
        self.random = random.Random(number)
        self.marks = (f"d{number}-{n}" for n in count())
        self.kinds = {}  # mark -> kind of write
        self.last = {}  # account -> the columns it wrote, as they must be at the end
        self.failures = Counter()
        self.seconds = []  # of each write

    def run(self, until):
        kinds = [self.named_fields, self.query_set, self.address, self.password, self.full_row, self.full_row_in_transaction]
        weights = [4, 4, 2, 1, 4, 2]
        while time.monotonic() < until:
            write, = self.random.choices(kinds, weights)
            account, mark = self.random.choice(self.accounts), next(self.marks)
            self.kinds[mark] = write.__name__
            start = time.monotonic()
            try:
                columns = write(account, mark)
            except OperationalError as error:
                self.failures[f"{write.__name__}: {error}"] += 1
            else:
                self.last.setdefault(account, {}).update(columns, last_name=mark)
            self.seconds.append(time.monotonic() - start)
        connection.close()

    def named_fields(self, account, mark):
        user = User.objects.get(pk=account)
        user.last_login, user.last_name = timezone.now(), mark
        user.save(update_fields=["last_login", "last_name"])
        return {"last_login": user.last_login.isoformat()}

    def query_set(self, account, mark):
        User.objects.filter(pk=account).update(first_name=f"first {mark}", last_name=mark)
        return {"first_name": f"first {mark}"}

    def address(self, account, mark):
        User.objects.filter(pk=account).update(email=f"{mark}@django.example", last_name=mark)
        return {}

    def password(self, account, mark):
        password = make_password(mark)
        User.objects.filter(pk=account).update(password=password, last_name=mark)
        return {"password": password}

    def full_row(self, account, mark):
        user = User.objects.get(pk=account)
        time.sleep(self.random.uniform(0, 0.02))  # what a view does between reading and saving
        user.first_name, user.last_name = f"first {mark}", mark
        user.save()
        return {"first_name": user.first_name}

    def full_row_in_transaction(self, account, mark):
        with transaction.atomic():
            return self.full_row(account, mark)


def main():
    seconds, first, last = map(int, sys.argv[1:])
    accounts = range(first, last + 1)
    writers = [Writer(number, [account for account in accounts if account % THREADS == number]) for number in range(THREADS)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=writer.run, args=[until]) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = {"kinds": {}, "last": {}, "failures": Counter()}
    for writer in writers:
        for name, values in written.items():
            values.update(getattr(writer, name))
    print(json.dumps({**written, "seconds": [second for writer in writers for second in writer.seconds]}))


main()
