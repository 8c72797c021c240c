"""Accounts that are not Django's own: their key is a UUID, their address is unique, and they have a name for the public."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class PersonManager(BaseUserManager):
    def create_user(self, handle, email, password=None, **fields):
        person = self.model(handle=handle, email=email, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    handle = models.CharField(max_length=40, unique=True)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    nickname = models.CharField(max_length=40, blank=True)

    objects = PersonManager()

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]
