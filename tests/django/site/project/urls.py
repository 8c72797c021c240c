from django.urls import include, path

urlpatterns = [path("api/v1/accounts/", include("rest_registration.api.urls"))]
