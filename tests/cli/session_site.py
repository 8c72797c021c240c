"""A small Django with sessions, over the database that Waxseal adopts: `session_site.py DATABASE VIEW_FILE`.

VIEW_FILE holds the view that the documentation shows. Prints the port it listens on.
"""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings

database, view_file = sys.argv[1:]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "site.example"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
    LOGGING={"version": 1, "handlers": {"console": {"class": "logging.StreamHandler"}},
             "loggers": {"django": {"handlers": ["console"], "level": "ERROR"}}},
    ROOT_URLCONF=__name__,
    SECRET_KEY="a-django-secret-key-that-nobody-may-ever-see-printed",
)
django.setup()

from django.contrib.auth import get_user_model, login  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


@csrf_exempt
def sign_in(request):
    """Any account by its name: how a person proves who she is, is not what is tested here."""
    login(request, get_user_model().objects.get(username=request.headers["X-Name"]))
    get_token(request)  # sets the cookie whose value a page sends as X-CSRFToken
    return HttpResponse(status=204)


documented = {"__name__": "documented"}
with open(view_file, encoding="utf-8") as source:
    exec(compile(source.read(), view_file, "exec"), documented)
urlpatterns = [path("sign-in/", sign_in), path("waxseal-account/", documented["waxseal_account"])]


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    for name in ("ada", "bob"):
        get_user_model().objects.create_user(name, f"{name}@site.example", "a password")
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=QuietHandler)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
