"""Public URLs of the tip form, the mailbox, the figures and the pages about them."""

from django.urls import path

from reports.views import mailbox, pages, submit

in_english = [
    path("outcomes/", pages.outcomes, name="outcomes"),
    path("outcomes.csv", pages.as_csv, name="outcomes-csv"),
]
urlpatterns = [
    path("", pages.start, name="start"),  # in English it is the front page
    path("report/", submit.report, name="report"),
    path("report/exit/", submit.leaving, name="report-exit"),
    path("report/languages/", submit.other_languages, name="report-languages"),
    path("report/check/", submit.check, name="report-check"),
    path("report/receipt/", submit.receipt, name="report-receipt"),
    path("report/words/", submit.words, name="report-words"),
    path("report/photos/", submit.photos, name="report-photos"),
    path("mailbox/", mailbox.opened, name="mailbox"),
    path("mailbox/reply/", mailbox.reply, name="mailbox-reply"),
    path("mailbox/photos/", mailbox.photos, name="mailbox-photos"),
    path("mailbox/delete/", mailbox.delete, name="mailbox-delete"),
    path("mailbox/burn/", mailbox.stop, name="mailbox-stop"),
    path("about/", pages.about_index, name="about-index"),
    path("about/<slug:page>/", submit.about, name="about"),
]
