"""The site of tests/django as it is measured: SQLite in WAL mode with synchronous=FULL as Waxseal has it, and mails thrown away."""

from project.settings import *  # noqa: F401,F403
from project.settings import DATABASES

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
DATABASES["default"]["CONN_MAX_AGE"] = None  # a connection stays open, as a site under load would have it
