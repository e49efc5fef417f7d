"""All URLs: public pages, then the admin site, which machines with the role "public" do not have."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from reports.views.health import healthz

handler400 = "reports.security.errors.bad_request"
handler403 = "reports.security.errors.not_allowed"
handler500 = "reports.security.errors.server_error"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("newsroom.urls")),
    path("", include("reports.urls")),
]
if settings.SITE_ROLE != "public":
    urlpatterns += [path("admin/", admin.site.urls)]
