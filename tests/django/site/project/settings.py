"""A small site with accounts, tokens and Django REST Registration, as its own documentation sets it up.

The tests say by environment variables whose names begin with SITE_ what differs from one to the other.
"""

import datetime
import json
import os
from pathlib import Path

import django

SECRET_KEY = Path(os.environ["SITE_SECRET_FILE"]).read_text().strip()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "project.urls"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_registration",
]
if "SITE_USER_MODEL" in os.environ:
    INSTALLED_APPS.append("people")
    AUTH_USER_MODEL = os.environ["SITE_USER_MODEL"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
# Not what a site should use; what a password costs is not tested here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["SITE_DATABASE"],
        # As docs/migrating-from-django.md says: Django waits for our writes, as we wait for Django's.
        "OPTIONS": {"timeout": 20},
    }
}
if django.VERSION >= (5, 1):
    # A transaction that reads first and writes then takes its turn when it begins, instead of failing in the middle.
    DATABASES["default"]["OPTIONS"]["transaction_mode"] = "IMMEDIATE"

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = os.environ["SITE_MAIL"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    **json.loads(os.environ.get("SITE_REST_FRAMEWORK", "{}")),
}
REST_REGISTRATION = {
    "REGISTER_EMAIL_VERIFICATION_URL": "https://site.example/verify-email/",
    "REGISTER_EMAIL_VERIFICATION_PERIOD": datetime.timedelta(days=7),
    "REGISTER_VERIFICATION_URL": "https://site.example/verify-user/",
    "RESET_PASSWORD_VERIFICATION_ENABLED": False,
    "VERIFICATION_FROM_EMAIL": "no-reply@site.example",
    **json.loads(os.environ.get("SITE_REST_REGISTRATION", "{}")),
}
