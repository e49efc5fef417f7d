"""The rooms where people tell what they know, and the pages that say how that works."""

from django.urls import path

from reports.views import mailbox, report, town

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
    path("about/<slug:page>/", report.about, name="about"),
]
