"""Migrates the database and makes accounts with tokens: make_accounts.py COUNT"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench_settings")

import django  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

call_command("migrate", verbosity=0)
User = get_user_model()
numbers = range(1, int(sys.argv[1]) + 1)
User.objects.bulk_create(
    (User(id=number, username=f"person{number}", email=f"person{number}@site.example", password="!") for number in numbers), 10000)
Token.objects.bulk_create((Token(key=f"a-token-of-account-number-{number}", user_id=number) for number in numbers), 10000)
