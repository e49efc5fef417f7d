"""Taking a place: what tips name stays, nothing broken is taken, and public machines follow the desk's."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from core import place as local
from newsroom.domain import changes
from newsroom.models import Appeal, Area, Article
from reports.domain import place
from reports.models import Tip
from tests.settings import ROOT, STATE

pytestmark = pytest.mark.django_db
EXAMPLE = ROOT / "seeds" / "place"


@pytest.fixture
def source(tmp_path):
    """Return a copy of the example, to change."""
    local.copy(EXAMPLE, tmp_path / "place")
    return tmp_path / "place"


@pytest.fixture(autouse=True)
def put_back():
    """Give the other tests the place that they had."""
    yield
    local.copy(EXAMPLE, STATE / "place")


def take(folder):
    out = StringIO()
    call_command("place", "take", str(folder), stdout=out)
    return out.getvalue()


def change(source, file, was, now):
    text = (source / file).read_text(encoding="utf-8")
    assert was in text
    (source / file).write_text(text.replace(was, now), encoding="utf-8")
    return source


def here():
    return local.at_start(place.folder())


def test_a_place_is_taken_with_its_areas_its_digest_and_its_stories_as_drafts(source):
    change(source, "areas.csv", "olney,Olney,", "olney,Olney Town,")
    assert (
        take(source)
        == "Taken: Milton Keynes, with 19 areas. Restart the service: it reads this at start.\n"
    )
    assert here() == local.read(source)
    assert changes.place() == here().digest
    assert Area.objects.get(slug="olney").name == "Olney Town"
    assert set(Article.objects.values_list("status", flat=True)) == {"draft"}
    number = changes.number()
    take(source)
    assert changes.number() == number, "what is taken again asks for no page"


def test_a_demonstration_publishes_them(source, settings):
    settings.DEMO = True
    take(source)
    assert set(Article.objects.values_list("status", flat=True)) == {"published"}


def test_a_draft_that_an_editor_deleted_comes_back_with_no_start(source):
    taken = place.take(source=source)
    for model in (Appeal, Article):
        model.objects.all().delete()
    place.store(taken, articles=place.folder() / "articles")
    assert not Article.objects.exists()


@pytest.mark.parametrize(
    ("file", "was", "now", "said"),
    [
        (
            "place.toml",
            '"101"',
            '"x"',
            r"place.toml, \[numbers.police\] number: this cannot be dialled",
        ),
        (
            "place.toml",
            '"so"]',
            '"so", "xx"]',
            "place.toml, languages: the form has no greeting in “xx”. Choose of cy",
        ),
        (
            "articles/milton-keynes-drug-warrants.md",
            "slug: ",
            "title: x\nslug: new-",
            "milton-keynes-drug-warrants.md, line",
        ),
    ],
)
def test_a_broken_folder_changes_nothing(source, file, was, now, said):
    before = take(EXAMPLE), changes.place(), here()
    with pytest.raises(CommandError, match=f"(?s){said}.*Nothing was changed"):
        take(change(source, file, was, now))
    assert (changes.place(), here()) == before[1:]
    assert not list(settings.STATE_DIR.glob("place.*"))


def test_what_is_wrong_is_named_by_the_whole_path_of_the_file_that_was_given(source):
    change(source, "areas.csv", "olney,Olney,15000", "olney,Olney,150")
    with pytest.raises(
        CommandError, match=rf"^{source}/areas\.csv, olney: “Olney” must have 5000 residents"
    ):
        take(source)
    change(source, "areas.csv", "olney,Olney,150", "olney,Olney,15000")
    story = min((source / "articles").iterdir())
    story.write_text("No facts on top.", encoding="utf-8")
    with pytest.raises(CommandError, match=f"^{story}, line 1: "):
        take(source)


def test_a_place_may_greet_in_a_language_of_its_own(source):
    own = change(source, "place.toml", '"so"]', '"so", "tr"]') / "languages" / "tr.txt"
    own.write_text("Türkçe\n{police}\n2\n3\n4\n", encoding="utf-8")
    with pytest.raises(
        CommandError, match=r"(?s)languages/tr\.txt: write the language’s name and 5 lines"
    ):
        take(source)
    own.write_text("Türkçe\n{police}\n2\n3\n4\n5\n", encoding="utf-8")
    take(source)
    assert here().own_languages["tr"].startswith("Türkçe")


@pytest.mark.parametrize("opened", [True, False])
def test_an_area_that_tips_may_name_is_renamed_or_closed_and_never_taken_away(source, send, opened):
    tip = send(area="wolverton")
    if opened:
        Tip.objects.filter(pk=tip.pk).update(opened=True, area="wolverton")
    line = next(
        line
        for line in (source / "areas.csv").read_text().splitlines()
        if line.startswith("wolverton")
    )
    change(source, "areas.csv", f"{line}\n", "")
    with pytest.raises(CommandError, match=r"areas\.csv: “wolverton” is missing, and tips name it"):
        take(source)
    (source / "areas.csv").write_text(
        (EXAMPLE / "areas.csv").read_text().replace(line, "wolverton,W,9000,,yes")
    )
    take(source)
    closed = here().areas[-2]
    assert (closed.slug, closed.name, closed.closed) == ("wolverton", "W", True)


def test_an_area_that_no_tip_names_may_go(source, send):
    tip = send(area="wolverton")
    Tip.objects.filter(pk=tip.pk).update(opened=True, area="wolverton")
    change(source, "areas.csv", "olney,Olney,15000,Emberton; Lavendon,\n", "")
    take(source)
    assert "olney" not in {area.slug for area in here().areas}


def test_a_public_machine_takes_only_what_the_desks_machine_has_taken(source, settings):
    take(EXAMPLE)
    settings.SITE_ROLE = "public"
    change(source, "areas.csv", "olney,Olney,", "olney,Olney Town,")
    with pytest.raises(CommandError, match="The desk’s machine has taken another folder"):
        take(source)
    assert here() == local.read(EXAMPLE)
    settings.SITE_ROLE = "staff"
    take(source)
    settings.SITE_ROLE = "public"
    take(source)
    assert here().areas[12].name == "Olney Town"
    local.copy(EXAMPLE, place.folder())
    settings.SITE_ROLE = (
        "all"  # for the checks load the addresses, and those of a public machine are fewer
    )
    found = list(run_checks(include_deployment_checks=True, databases=["default"]))
    assert "streetlight.E023" in {message.id for message in found}


def test_a_machine_without_a_place_says_so(settings):
    assert "streetlight.E022" not in {message.id for message in run_checks()}
    settings.PLACE = local.at_start(settings.STATE_DIR / "nowhere")
    assert "streetlight.E022" in {message.id for message in run_checks()}
