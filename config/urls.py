"""All URLs: public pages, then the admin site, which machines with the role "public" do not have."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from reports.views import health

handler400 = "reports.security.errors.bad_request"
handler403 = "reports.security.errors.not_allowed"
handler404 = "reports.security.errors.not_found"
handler500 = "reports.security.errors.server_error"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("healthz/desk", health.healthz_desk, name="healthz-desk"),
    path("", include("newsroom.urls")),
    path("", include("reports.urls")),
]
if settings.SITE_ROLE != "public":
    urlpatterns += [path("admin/", admin.site.urls)]
