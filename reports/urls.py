"""The rooms where people tell what they know, and the pages that say how that works."""

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from reports.views import mailbox, report, town


class _About(SlugConverter):
    """One of our own pages: the newsroom has others under /about/."""

    regex = "|".join(report.ABOUT)


register_converter(_About, "about")

urlpatterns = [
    path("report/", report.report, name="report"),
    path("report/check/", report.check, name="report-check"),
    path("report/receipt/", report.receipt, name="report-receipt"),
    path("report/photos/", report.photos, name="report-photos"),
    path("outcomes/", town.outcomes, name="outcomes"),
    path("outcomes.csv", town.as_csv, name="outcomes-csv"),
    path("outcomes.json", town.as_json, name="outcomes-json"),
    path("mailbox/", mailbox.opened, name="mailbox"),
    path("mailbox/reply/", mailbox.reply, name="mailbox-reply"),
    path("mailbox/photos/", mailbox.photos, name="mailbox-photos"),
    path("mailbox/delete/", mailbox.delete, name="mailbox-delete"),
    path("mailbox/burn/", mailbox.burn, name="mailbox-burn"),
    path("about/<about:page>/", report.about, name="about"),
]
