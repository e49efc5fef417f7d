"""What is asked of a referral before it leaves: answers, a team lead for a doubtful one, and what its document says.

With a danger written down none of it asks, holds up or voids: it warns.
"""

import json
from collections.abc import Callable

import pytest

from reports.domain.audit import staleness
from reports.domain.errors import Copied, Refused
from reports.domain.referrals import contents, denials, grading, own_words, police_referrals
from reports.domain.triage import malicious, relations
from reports.models import Approval, Denial, Tip
from tests.factories import make_user, shown
from tests.reports import telling
from tests.reports.handing import ANSWERS, GRADE, approve, export, keyholder, make_ready, read_tips

type Ready = Callable[..., Tip]

FACTS = {"police": "yes", "kind": "street", "area": "olney"}


@pytest.fixture
def ready(caseworker, keys):
    """Return a function that sends a tip and makes it ready; `answers` are those before a referral."""

    def made(what="A van calls.", *, answers=ANSWERS, **given):
        tip = telling.tell(what, **(FACTS | given))
        make_ready(tip, by=caseworker, keys=keys, answers=answers)
        return tip

    return made


def draft(*tips, by, keys, ground=False):
    referral = police_referrals.draft(tips=tips, by=by, keys=keys)
    if ground:
        facts = {"ground": "life", "reason": "A knife is there."}
        referral = police_referrals.name_danger(referral=referral, **facts, by=by, keys=keys)
    return referral


def content(referral, keys):
    return contents.content(referral=referral, keys=keys)


def report(referral, keys):
    return dict(content(referral, keys).document["reports"][0])


def grade(tip, *, by, keys, **codes):
    grading.grade(tip=tip, **(GRADE | codes), seen=staleness.now(), by=by, keys=keys)


def answer(tip, *, by, keys, **answers):
    own_words.answer(tip=tip, answers=ANSWERS | answers, seen=staleness.now(), by=by, keys=keys)


def judge(tip, other, verdict, *, by, keys):
    relations.judge(tip=tip, other=other, verdict=verdict, reason="Seen.", by=by, keys=keys)


class TestQuestions:
    """Two for members alone, and one that the police read; a danger asks for none."""

    @pytest.mark.parametrize("missing", ["observed", "about", "hurt"])
    def test_nobody_approves_before_they_are_answered(
        self, ready, caseworker, second, keys, missing
    ):
        tip = ready(answers=ANSWERS | {missing: ""})
        referral = draft(tip, by=caseworker, keys=keys)
        with pytest.raises(
            Refused, match=f"Answer the questions first, below each of these tips: {tip.reference}"
        ):
            approve(referral, by=caseworker, keys=keys)
        facts = {"tip": tip, "answers": ANSWERS, "seen": staleness.now()}
        police_referrals.answer(referral=referral, **facts, by=caseworker, keys=keys)
        approve(referral, by=caseworker, keys=keys)
        assert Approval.objects.count() == 1

    def test_a_danger_asks_for_none(self, ready, caseworker, second, keys):
        referral = draft(ready(answers={}), by=caseworker, keys=keys, ground=True)
        for by in (caseworker, second):
            approve(referral, by=by, keys=keys)
        assert export(referral, by=caseworker, keys=keys).data

    def test_what_is_for_members_stands_in_no_document(self, ready, caseworker, keys):
        tip = ready(
            answers={name: f"zz{name}" for name in (*own_words.PRINTED, *own_words.FOR_MEMBERS)}
        )
        text = json.dumps(content(draft(tip, by=caseworker, keys=keys), keys).document)
        assert {name for name in own_words.PRINTED if f"zz{name}" in text} == {*own_words.PRINTED}
        assert not {name for name in own_words.FOR_MEMBERS if f"zz{name}" in text}

    def test_they_stay_with_new_wording_and_a_stale_page_changes_none(
        self, ready, caseworker, keys
    ):
        tip, seen = ready(), staleness.now()
        answer(tip, by=caseworker, keys=keys, hurt="A child.")
        with pytest.raises(Refused):
            own_words.answer(tip=tip, answers=ANSWERS, seen=seen, by=caseworker, keys=keys)
        facts = {
            "text": "A van.",
            "removed": "",
            "contact": "",
            "stays": {},
            "position": 1,
            "seen": staleness.now(),
        }
        own_words.save(tip=tip, **facts, by=caseworker, keys=keys)
        assert own_words.latest(tip=tip, keys=keys).answers["hurt"] == "A child."

    def test_words_about_who_somebody_is_are_named_and_refuse_nothing(
        self, ready, caseworker, keys
    ):
        tip = telling.tell("Men sell there.", **FACTS)
        make_ready(tip, by=caseworker, keys=keys, text="Two Somali men in a black car sell there.")
        found = content(draft(tip, by=caseworker, keys=keys), keys)
        assert contents.names_who_somebody_is(found.reports[0]) == ["Somali"]
        assert (found.hindrances, found.asked(found.reports[0])) == ([], [])


class TestTeamLead:
    """A doubtful tip goes only with a team lead and a sentence of theirs."""

    DOUBTS = (
        ({"source": "3"}, {}, "It is graded 3C, so it may not be true."),
        ({"information": "E"}, {}, "It is graded 2E, so it may not be true."),
        ({}, {"marked": True}, "marked it as possibly malicious."),
        ({}, {"source": "people_say"}, "It may rest on one source alone, who did not see it."),
    )

    def doubtful(self, ready, case, *, by, keys):
        codes, more, _words = case
        given = {name: value for name, value in more.items() if name != "marked"}
        tip = ready(**given)
        grade(tip, by=by, keys=keys, **codes)
        if "marked" in more:
            malicious.mark(tip=tip, malicious=True, by=by)
        return tip

    @pytest.mark.parametrize("case", DOUBTS)
    def test_it_takes_a_team_lead_with_a_sentence(self, *, ready, caseworker, second, keys, case):
        other = keyholder(make_user("omar", "Caseworker"))
        referral = draft(
            self.doubtful(ready, case, by=caseworker, keys=keys), by=caseworker, keys=keys
        )
        assert case[2] in " ".join(content(referral, keys).why_team_lead)
        approve(referral, by=caseworker, keys=keys)
        with pytest.raises(Refused, match="A team lead must approve this"):
            approve(referral, by=other, keys=keys)
        read_tips(referral, by=second, keys=keys)
        with pytest.raises(
            Refused, match="Write in a sentence why it goes to the police all the same"
        ):
            police_referrals.approve(
                referral=referral, by=second, keys=keys, reauthentication=shown(second)
            )
        approve(referral, by=second, keys=keys)
        assert content(referral, keys).why_it_goes == "lena: It says where and when."
        file = export(referral, by=caseworker, keys=keys)
        assert b"It says where and when" not in file.data

    @pytest.mark.parametrize("case", DOUBTS)
    def test_in_a_danger_it_warns_alone(self, *, ready, caseworker, second, keys, case):
        other = keyholder(make_user("omar", "Caseworker"))
        referral = draft(
            self.doubtful(ready, case, by=caseworker, keys=keys),
            by=caseworker,
            keys=keys,
            ground=True,
        )
        assert case[2] in " ".join(content(referral, keys).warnings)
        for by in (caseworker, other):
            approve(referral, by=by, keys=keys)
        assert export(referral, by=caseworker, keys=keys).data

    @pytest.mark.parametrize("source", ["saw", "", "rather_not"])
    def test_control_what_was_seen_or_left_open_takes_none(self, ready, caseworker, keys, source):
        assert (
            content(draft(ready(source=source), by=caseworker, keys=keys), keys).why_team_lead == []
        )

    def test_two_sources_who_did_not_see_it_take_none_once_that_is_judged(
        self, ready, caseworker, keys
    ):
        first, other = ready(source="told"), ready(source="people_say")
        referral = draft(first, other, by=caseworker, keys=keys)
        assert content(referral, keys).why_team_lead
        judge(first, other, "independent", by=caseworker, keys=keys)
        assert content(referral, keys).why_team_lead == []
        denials.mark(tip=other, denies=True, seen=staleness.now(), by=caseworker, keys=keys)
        assert content(referral, keys).why_team_lead

    @pytest.mark.parametrize("ground", [False, True])
    def test_a_mark_after_the_approvals_voids_them_unless_in_a_danger(
        self, *, ready, caseworker, second, keys, ground
    ):
        tip = ready()
        referral = draft(tip, by=caseworker, keys=keys, ground=ground)
        for by in (caseworker, second):
            approve(referral, by=by, keys=keys)
        malicious.mark(tip=tip, malicious=True, by=caseworker)
        leaves(referral, by=caseworker, keys=keys, ground=ground)

    def test_letter_b_takes_two_sources_or_what_else_bears_it_out(self, ready, caseworker, keys):
        first, other = ready(), ready()
        grade(first, by=caseworker, keys=keys, information="B")
        referral = draft(first, other, by=caseworker, keys=keys)
        asked = lambda: content(referral, keys).asked(content(referral, keys).reports[0])  # noqa: E731
        assert asked() == ["borne_out"]
        judge(first, other, "dismissed", by=caseworker, keys=keys)
        assert asked() == ["borne_out"]
        judge(first, other, "independent", by=caseworker, keys=keys)
        assert asked() == []
        judge(first, other, "related", by=caseworker, keys=keys)
        answer(first, by=caseworker, keys=keys, borne_out="A photograph in the paper.")
        assert asked() == []
        assert report(referral, keys)["borne_out_by"] == "A photograph in the paper."


def leaves(referral, *, by, keys, ground):
    """Assert that a changed referral leaves in a danger, with a warning, and is else to be approved again."""
    warnings = " ".join(content(referral, keys).warnings)
    if ground:
        assert export(referral, by=by, keys=keys).data
        return
    assert (
        "This referral has changed since it was approved, so it must be approved again." in warnings
    )
    with pytest.raises(Refused, match="changed since it was approved"):
        export(referral, by=by, keys=keys)
    assert not Approval.objects.exists()


class TestWhatThePaperSays:
    """How the sender knows, when it happened, from how many sources, who could be hurt, who may be a victim."""

    @pytest.mark.parametrize(
        ("given", "judged", "says"),
        [
            ({"source": "told", "guessable": "no"}, "", "Someone who was there told me"),
            ({"source": "told"}, "", None),
            ({"source": "told"}, "yes", "Someone who was there told me"),
            ({"source": "told", "guessable": "unsure"}, "", None),
            ({"source": "told", "guessable": "unsure"}, "yes", "Someone who was there told me"),
            ({"source": "told", "guessable": "yes"}, "yes", None),
            ({"source": "told", "guessable": "no", "police": "no"}, "yes", None),
            ({"source": "rather_not", "guessable": "no"}, "", None),
            ({"guessable": "no"}, "yes", None),
        ],
    )
    def test_how_the_sender_knows_only_where_nobody_could_guess_them(
        self,
        *,
        ready,
        caseworker,
        keys,
        given,
        judged,
        says,
    ):
        tip = ready(answers=ANSWERS | {"unguessable": judged}, **given)
        assert report(draft(tip, by=caseworker, keys=keys), keys).get("how_known") == says

    def test_that_the_sender_could_be_guessed_is_not_printed_and_asks_for_handling_c(
        self, ready, caseworker, keys
    ):
        said = draft(ready(guessable="yes"), by=caseworker, keys=keys)
        unsaid = draft(ready(), by=caseworker, keys=keys)
        assert report(said, keys) == report(unsaid, keys)
        asks = f"{said.parts.get().tip.reference}: {contents.PHONE_FIRST}"
        assert (content(said, keys).warnings, content(unsaid, keys).warnings) == ([asks], [])
        conditions = {"handling": "C", "conditions": "Phone us before you act."}
        grade(said.parts.get().tip, by=caseworker, keys=keys, **conditions)
        assert content(said, keys).warnings == []

    @pytest.mark.parametrize(
        ("kind", "victim"),
        [
            ("cuckooing", "Whoever lives there may be a victim"),
            ("children", "A child may be a victim"),
            ("street", None),
        ],
    )
    def test_who_may_be_a_victim(self, ready, caseworker, keys, kind, victim):
        assert (
            report(draft(ready(kind=kind), by=caseworker, keys=keys), keys).get("possible_victim")
            == victim
        )

    def test_sources_are_those_that_its_own_tips_were_judged_to_be(self, ready, caseworker, keys):
        one, two, three = tips = [ready() for _number in range(3)]
        referral, outside = draft(*tips, by=caseworker, keys=keys), ready()
        sources = lambda: content(referral, keys).document["sources"]  # noqa: E731
        assert sources() == {"most": 3, "compared": False}
        judge(one, two, "related", by=caseworker, keys=keys)
        for tip in (two, three):
            judge(tip, outside, "related", by=caseworker, keys=keys)
        assert sources() == {"most": 2, "compared": False}
        judge(two, three, "independent", by=caseworker, keys=keys)
        assert sources() == {"most": 2, "compared": True}
        denials.mark(tip=three, denies=True, seen=staleness.now(), by=caseworker, keys=keys)
        assert sources() == {"most": 1, "compared": True}
        assert content(referral, keys).reports[2].denied_by == "olu"
        denials.mark(tip=three, denies=False, seen=staleness.now(), by=caseworker, keys=keys)
        malicious.mark(tip=one, malicious=True, by=caseworker)
        assert sources() == {"most": 2, "compared": True}
        for tip in tips:
            denials.mark(tip=tip, denies=True, seen=staleness.now(), by=caseworker, keys=keys)
        assert sources()["most"] == 1, "somebody wrote them"

    def test_that_it_denies_what_others_say_is_sealed_and_named(self, ready, caseworker, keys):
        tip = ready()
        denials.mark(tip=tip, denies=True, seen=staleness.now(), by=caseworker, keys=keys)
        assert denials.marked(tips=[tip], keys=keys) == {tip.pk: "olu"}
        Denial.objects.update(author="lena")
        doubts = contents.doubts(referral=draft(tip, by=caseworker, keys=keys), keys=keys)
        assert [doubt.row.partition(" ")[0] for doubt in doubts] == ["denial"]

    CHANGES = ("happened", "hurt", "borne_out", "unguessable", "relation", "denial")

    @pytest.mark.parametrize("ground", [False, True])
    @pytest.mark.parametrize("change", CHANGES)
    def test_what_changes_after_the_approvals_voids_them_and_in_a_danger_warns(
        self, *, ready, caseworker, second, keys, change, ground
    ):
        one, two = ready(source="saw"), ready(source="saw")
        judge(one, two, "independent", by=caseworker, keys=keys)
        referral = draft(one, two, by=caseworker, keys=keys, ground=ground)
        for by in (caseworker, second):
            approve(referral, by=by, keys=keys)
        before = content(referral, keys).document
        if change == "relation":
            judge(one, two, "related", by=caseworker, keys=keys)
        elif change == "denial":
            denials.mark(tip=two, denies=True, seen=staleness.now(), by=caseworker, keys=keys)
        else:
            answer(one, by=caseworker, keys=keys, **{change: "Something else."})
        warnings = " ".join(content(referral, keys).warnings)
        assert ("The referral still says what was approved" in warnings) is ground
        assert (content(referral, keys).document == before) is ground
        leaves(referral, by=caseworker, keys=keys, ground=ground)


@pytest.mark.parametrize("box", [*own_words.PRINTED])
def test_a_printed_answer_passes_the_checks_of_our_wording(ready, caseworker, keys, box):
    said = "the lad with the limp keeps two big knives"
    tip = ready(f"I saw that {said}.", police="words", contact_details="Marzena, 07700 900123")
    with pytest.raises(Copied, match="copies the sender") as refusal:
        answer(tip, by=caseworker, keys=keys, **{box: f"Because {said}."})
    assert refusal.value.box == box
    referral = draft(tip, by=caseworker, keys=keys)
    assert content(referral, keys).hindrances == []
    answer(tip, by=caseworker, keys=keys, **{box: "Ask on 07700 900123."})
    open_words = (
        "Something in our wording could show who sent it. Remove it, or say why it can stay."
    )
    assert content(referral, keys).hindrances == [f"{tip.reference}: {open_words}"]
    (leak,) = own_words.latest(tip=tip, keys=keys).open
    assert (leak.leak.quote, leak.leak.barred) == ("07700 900123", True)


@pytest.mark.parametrize("name", contents.ASKED)
@pytest.mark.parametrize("ground", [False, True])
def test_answers_are_part_of_what_is_approved_unless_there_is_a_danger(
    ready, caseworker, *, keys, name, ground
):
    tip = ready()
    referral = draft(tip, by=caseworker, keys=keys, ground=ground)
    before = content(referral, keys).digest
    answer(tip, by=caseworker, keys=keys, **(ANSWERS | {name: "Something else."}))
    assert (content(referral, keys).digest == before) is ground
