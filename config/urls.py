"""All URLs: public pages, then the admin site, which machines with the role "public" do not have.

A resident's pages have an address in each language, such as `/pl/report/`; English has none of its own.
"""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from reports import urls
from reports.views import health

handler400 = "reports.security.errors.bad_request"
handler403 = "reports.security.errors.not_allowed"
handler404 = "reports.security.errors.not_found"
handler500 = "reports.security.errors.server_error"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("healthz/desk", health.healthz_desk, name="healthz-desk"),
    path("", include("newsroom.urls")),
    path("", include(urls.in_english)),
    *i18n_patterns(path("", include(urls)), prefix_default_language=False),
]
if settings.SITE_ROLE != "public":
    urlpatterns += [path("admin/", admin.site.urls)]
