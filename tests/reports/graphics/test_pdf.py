"""A referral on paper: everything prints or says that it does not, and the file tells nothing more than it should."""

import base64
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from reports.graphics import pdf

DIGEST = "0123456789abcdef" * 4
DAY = date(2026, 11, 24)


def jpeg():
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "#b9c4b1").save(data, "JPEG")
    return base64.b64encode(data.getvalue()).decode()


def whole(text="A van.", *, reports=1, pictures=0, **changes):
    grading = {"source": "2", "information": "C", "handling": "C", "conditions": "Ask first."}
    facts = {
        "left_out": "",
        "contact": "",
        "kind": "",
        "area": "Olney",
        "week": "2026-11-23",
        "sender_agreed": "yes",
    }
    report = (
        facts
        | {"text": text, "suggested_grading": grading, "pictures": [jpeg()] * pictures}
        | changes
    )
    content = {
        "referral": "H-K7QX-94MW",
        "from": {"name": "Our desk", "contact": "desk@example.org"} | changes.get("sent_by", {}),
        "drafted": "2026-11-20",
        "danger": changes.get("danger", ""),
        **({"sources": changes["sources"]} if "sources" in changes else {}),
        **({"ground": changes["ground"]} if "ground" in changes else {}),
        "reports": [report | {"number": number} for number in range(1, reports + 1)],
    }
    approved = [
        {"member": 7, "role": "caseworker", "day": "2026-11-21", **changes.get("approval", {})}
    ]
    return {"content": content, "approvals": approved, "one_signature": changes.get("alone", False)}


def read(**how):
    reader = PdfReader(io.BytesIO(pdf.printed(whole(**how), digest=DIGEST, day=DAY)))
    return reader, "\n".join(page.extract_text() for page in reader.pages)


@pytest.mark.promise("police")
def test_file_says_of_itself_a_title_and_a_day_and_nothing_else():
    """The PDF says of itself a title and a day and nothing else."""
    reader, _text = read()
    metadata = {
        name: value for name, value in reader.metadata.items() if value not in ("", "/False")
    }
    assert metadata == {
        "/Title": "Police referral H-K7QX-94MW",
        "/Producer": "Streetlight",
        "/CreationDate": "D:20261124000000Z",
        "/ModDate": "D:20261124000000Z",
    }
    assert reader.xmp_metadata is None
    assert pdf.printed(whole(), digest=DIGEST, day=DAY) == pdf.printed(
        whole(), digest=DIGEST, day=DAY
    )


def test_letters_of_polish_romanian_russian_and_greek_print():
    words = "Zażółć gęślą jaźń, Șoseaua Ștefan, Дмитро, Ναι"
    _reader, text = read(text=words)
    assert words in text
    assert "printed as [U+" not in text


@pytest.mark.parametrize(
    ("written", "printed"),
    [("中", "[U+4E2D]"), ("😀", "[U+1F600]"), ("\ud800", "[U+D800]"), ("سلام", "[right to left]")],
)
def test_letters_that_cannot_be_printed_are_named_and_the_page_says_so(written, printed):
    _reader, text = read(text=f"Called {written} by some.")
    assert f"Called {printed} by some." in text
    assert "The JSON file has them as they were written." in text


def test_pages_are_counted_and_each_bears_reference_and_hash():
    reader, _text = read(text="It goes on and on. " * 400, reports=2)
    assert len(reader.pages) > 3
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert f"Page {number} of {len(reader.pages)}" in text
        assert "H-K7QX-94MW" in text
        assert DIGEST[:16] in text
        assert "In confidence. Handling C: Lawful sharing permitted with conditions." in text


@pytest.mark.parametrize(
    ("reports", "said"), [(1, "has read this tip"), (2, "has read these tips")]
)
def test_that_somebody_has_read_a_tip_is_printed_only_where_the_file_says_so(reports, said):
    member = "member of the Streetlight team"
    for approval, printed in (
        ({"has_read": True}, f"{member}, {said}"),
        ({}, member),
        ({"has_read": False}, member),
    ):
        _reader, text = read(reports=reports, approval=approval)
        assert [line for line in text.splitlines() if member in line] == [printed]


def test_everything_that_is_in_it_is_printed():
    answers = {
        "left_out": "Who saw it.",
        "contact": "Ring Marzena.",
        "ground": "child",
        "danger": "A child is held.",
    }
    reader, text = read(**answers, alone=True, pictures=2)
    printed = (
        "Who saw it.|Ring Marzena.|A child may be in danger|A child is held.|One approval.|2CC|Ask first.|"
        "Picture 2 of 2|Member 7|member of the Streetlight team|Our desk · desk@example.org|"
        "a suggestion|not said"  # the kind
    )
    assert [words for words in printed.split("|") if words not in text] == []
    assert "caseworker" not in text.casefold(), "the police would think of one of theirs"
    assert sum(len(page.images) for page in reader.pages) >= 1


def test_markup_in_a_text_is_text():
    _reader, text = read(text='<b>bold</b> <img src="file:///etc/passwd"/> &amp;')
    assert '<b>bold</b> <img src="file:///etc/passwd"/> &amp;' in text


@given(text=st.text(max_size=120))
def test_any_text_prints(text):
    assert pdf.printed(whole(text), digest=DIGEST, day=DAY).startswith(b"%PDF")


def test_number_to_ring_stands_on_it_only_where_the_desk_has_one():
    _reader, text = read()
    assert "on a number that you knew before" in " ".join(text.split())
    _reader, text = read(sent_by={"phone": "01632 960000"})
    assert text.count("01632 960000") == 2
    assert "Use a number you knew before, or 01632 960000." in " ".join(text.split())


@pytest.mark.parametrize(
    ("handling", "marking"), [("P", "Handling P: Lawful"), ("C", "Handling C:")]
)
def test_every_page_bears_the_strictest_handling(handling, marking):
    content = whole(reports=2)
    content["content"]["reports"][0]["suggested_grading"]["handling"] = "P"
    content["content"]["reports"][1]["suggested_grading"] |= {
        "handling": handling,
        "conditions": "",
    }
    reader = PdfReader(io.BytesIO(pdf.printed(content, digest=DIGEST, day=DAY)))
    assert all(f"In confidence. {marking}" in page.extract_text() for page in reader.pages)


def test_it_ends_in_a_slip_on_a_page_of_its_own_that_says_nothing_of_the_tip():
    reader, text = read(text="A grey van.", contact="Ring Marzena.", left_out="Who saw it.")
    slip = " ".join(reader.pages[-1].extract_text().split())
    boxes = (
        "☐ Borne out ☐ Borne out in part ☐ Not borne out Was it the wrong address or the wrong person? ☐ yes ☐ no "
        "☐ Cannot say"
    )
    assert (
        "Send this when it is over H-K7QX-94MW Please tell us what became of this referral" in slip
    )
    assert slip.endswith(boxes)
    assert "printed as [U+" not in text
    told = ("van", "Marzena", "Who saw it", "Olney", "2026-11", "Member 7", "2CC")
    assert [words for words in told if words not in text] == [], "the control"
    assert [words for words in told if words in slip] == []


@pytest.mark.parametrize(
    ("reports", "sources", "printed"),
    [
        (1, None, "Tips 1"),
        (3, {"most": 2, "compared": True}, "3 tips, at most 2 sources"),
        (3, {"most": 1, "compared": True}, "3 tips, at most 1 source"),
        (
            3,
            {"most": 2, "compared": False},
            "3 tips. Nobody has checked whether they come from 3 people.",
        ),
        (3, None, "3. Some may come from the same source."),  # of what left before it was said
    ],
)
def test_it_says_from_how_many_sources_its_tips_can_be(reports, sources, printed):
    _reader, text = read(reports=reports, **({"sources": sources} if sources else {}))
    assert printed in " ".join(text.split())


def test_it_says_of_a_tip_what_the_document_does_and_takes_no_week_for_the_event():
    facts = {name: f"zz{name}." for name in pdf.PRINTED}
    _reader, text = read(**facts)
    assert [
        name
        for name in pdf.PRINTED
        if f"{pdf.PRINTED[name]} zz{name}." not in " ".join(text.split())
    ] == []
    assert "Came to us in the week of" in " ".join(text.split())
    assert "Week of" not in text
    _reader, text = read()
    assert [label for label in pdf.PRINTED.values() if label in text] == []
