"""Notices of a desk without a mail server can be read in its output."""

from django.core.mail import EmailMessage

from config.mail import PlainBackend


def test_notice_is_written_as_it_reads_and_names_nobody(capsys):
    text = (
        "Six tips wait – one is urgent.\nThis is longer than the seventy-six characters of a mail."
    )
    message = EmailMessage(
        "Streetlight: something waits", text, "desk@localhost", ["olu@example.org"]
    )
    assert PlainBackend().send_messages([message]) == 1
    written = capsys.readouterr().out
    assert "Streetlight: something waits" in written
    assert all(line in written for line in text.splitlines())
    for raw in (
        "MIME-Version",
        "Content-Transfer-Encoding",
        "=E2=80=93",
        "olu@example.org",
        "desk@localhost",
    ):
        assert raw not in written
