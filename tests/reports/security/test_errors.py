"""What is answered when something cannot be: in plain words, in the site's own look, with a way on."""

from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reports.sealing import receipts
from reports.views import mailbox, submit
from tests.factories import make_user
from tests.reports.admin.conftest import sign_in
from tests.reports.markup import Page, assert_wired, hidden, slip

pytestmark = pytest.mark.django_db


def test_what_no_view_could_read_is_answered_with_a_way_to_send_the_tip_all_the_same(
    client,
):
    body = urlencode([(f"field{number}", "1") for number in range(3000)])
    answer = client.post("/report/check/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "We do not have your tip until you see your seven words." in text
    assert "should still be there" not in text
    assert Page(text).all("a")[0]["rel"] == "nofollow noreferrer", "it can be left at once"


@pytest.fixture
def broken(client, monkeypatch):
    """Return a client of a site whose code fails once it has read what was posted."""

    def fail(request, *args, **kwargs):
        assert request.POST is not None
        raise RuntimeError("a fault")

    for name in ("_check_page", "_form_page", "_receipt_page"):
        monkeypatch.setattr(submit, name, fail)
    monkeypatch.setattr(mailbox, "_visit", fail)
    client.raise_request_exception = False
    return client


TYPED = {"what": "A <van> at nine", "place": "Behind “the” shops", "area": "olney", "danger": "yes"}


@pytest.mark.promise("receiving")
@pytest.mark.parametrize("path", ["/report/check/", "/report/receipt/"])
def test_what_was_typed_before_a_fault_is_shown_and_sent_again_by_one_press(broken, key_file, path):
    """What was typed before a fault of ours is shown, and sent again by one press."""
    fields = slip(broken)
    answer = broken.post(path, fields | TYPED)
    page = Page(answer.content.decode())
    assert (answer.status_code, answer["Cache-Control"]) == (500, "no-store")
    assert [attrs["action"] for attrs in page.all("form")] == [path]
    assert (
        hidden(answer).items()
        >= (TYPED | {"token": fields["token"], "mark": fields["mark"]}).items()
    )
    assert "A &lt;van&gt; at nine" in answer.content.decode()
    assert "Olney" in answer.content.decode()
    assert page.all("a")[0]["rel"] == "nofollow noreferrer"
    assert_wired(page)


def test_a_fault_on_the_way_of_a_foreign_post_takes_over_no_token(broken):
    fields = slip(broken) | TYPED
    answer = broken.post("/report/check/", fields, headers={"Origin": "http://elsewhere.example"})
    assert hidden(answer) == TYPED


def test_a_reply_before_a_fault_is_still_there_and_no_word_of_the_receipt(broken):
    answer = broken.post(
        "/mailbox/reply/", {"ticket": "T", "after": "1", "text": "At night", "words": "acquire"}
    )
    assert hidden(answer) == {"ticket": "T", "after": "1", "text": "At night"}
    assert "acquire" not in answer.content.decode()


def test_a_fault_after_pictures_shows_the_words(broken):
    fields = slip(broken)
    answer = broken.post(
        "/report/photos/", fields | {"photos": [SimpleUploadedFile("a.jpg", b"x")]}
    )
    words = "".join(f"<li>{word}</li>" for word in receipts.words(fields["token"]))
    assert (answer.status_code, words in answer.content.decode()) == (500, True)


@pytest.mark.parametrize(
    "body", [b"what=%", b'--x\r\nContent-Disposition: form-data; name="what"\r\n\r\ncut', b""]
)
def test_a_fault_with_a_body_that_cannot_be_read_is_answered_all_the_same(
    client, monkeypatch, body
):
    def fail(request):
        raise RuntimeError("a fault")

    monkeypatch.setattr(submit.state_files, "form_state", fail)
    client.raise_request_exception = False
    for kind in (
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
    ):
        answer = client.generic("POST", "/report/check/", body, content_type=kind)
        assert answer.status_code in (400, 500)
        assert (
            "Something went wrong" in answer.content.decode()
            or "could not be read" in answer.content.decode()
        )


@pytest.mark.parametrize(
    "path", ["/report/check/", "/report/photos/", "/mailbox/photos/", "/mailbox/reply/"]
)
def test_too_much_at_once_can_be_left_and_promises_nothing_of_the_back_button(client, path):
    answer = client.post(path, "x", content_type="text/plain", CONTENT_LENGTH=str(10**9))
    text = answer.content.decode()
    assert answer.status_code == 413
    assert "should still be there" not in text
    assert Page(text).all("a")[0]["rel"] == "nofollow noreferrer"


def test_a_form_that_stayed_open_over_a_sign_in_says_how_to_save_what_was_typed():
    user = make_user("oda", "Caseworker")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in(user).cookies
    answer = strict.post("/admin/lock/")
    assert answer.status_code == 403
    assert "What you typed should still be there. Copy it." in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/admin/reports/enquiry/xyz/change/", "/admin/nothing/at/all/"]
)
def test_staff_find_the_way_back_from_an_address_of_the_desk_that_has_nothing(address):
    answer = sign_in(make_user("oda", "Caseworker")).get(address)
    assert answer.status_code == 404
    page = answer.content.decode()
    assert '<a href="/admin/">Back to the team area</a>' in page
    assert "we may have taken the story down" not in page
    assert "we may have taken the story down" in Client().get("/no-such-page/").content.decode()
