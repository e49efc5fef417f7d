"""The rooms where people tell what they know, and the pages that say how that works."""

from django.urls import path

from reports import mailbox, townpage, views

urlpatterns = [
    path("report/", views.report, name="report"),
    path("report/check/", views.check, name="report-check"),
    path("report/receipt/", views.receipt, name="report-receipt"),
    path("report/photos/", views.photos, name="report-photos"),
    path("outcomes/", townpage.outcomes, name="outcomes"),
    path("outcomes.csv", townpage.as_csv, name="outcomes-csv"),
    path("outcomes.json", townpage.as_json, name="outcomes-json"),
    path("mailbox/", mailbox.opened, name="mailbox"),
    path("mailbox/reply/", mailbox.reply, name="mailbox-reply"),
    path("mailbox/photos/", mailbox.photos, name="mailbox-photos"),
    path("mailbox/delete/", mailbox.delete, name="mailbox-delete"),
    path("mailbox/burn/", mailbox.burn, name="mailbox-burn"),
    path("about/<slug:page>/", views.about, name="about"),
]
