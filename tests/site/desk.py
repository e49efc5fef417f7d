"""A desk and a newsroom with one of everything: a mark of its own in each sealed text, and what is typed has a "zz"."""

from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from newsroom.domain import revisions
from newsroom.models import Image, KeyFact, RelatedLink, TimelineStep, UnsavedText
from reports.domain import enquiries, state_files
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import sender_messages
from reports.domain.outcomes import public_results
from reports.domain.referrals import (
    changed_answer,
    denials,
    police_referrals,
    results,
    translation,
    urgent_calls,
)
from reports.domain.retention import closed_pictures, schedule
from reports.domain.search import searching
from reports.domain.tips import opening, recusal
from reports.domain.triage import labels, relations, safety, triaging
from reports.models import Label, Recipient, ReferralResult, ReplyTemplate, Tip
from reports.sealing import envelope, keyring
from tests.factories import make_desk, make_keyholder, make_user, shown
from tests.newsroom import articles, editors
from tests.reports import pictures, telling
from tests.reports.domain.audit import tampering
from tests.reports.handing import draft_again, make_ready, newest_keys
from tests.site import marks
from tests.site.addresses import Samples, samples_of

WORDS = "zzmark-tip zzvan zzgarages zznightly AB12 CDE."
SEALED = "tip beside contact note translation message summary zzours danger call relation safety hold recusal search"
TYPED_OF_A_STORY = ("headline", "standfirst", "body", "byline")
PICTURE = pictures.stored()  # the mark of what has no text
MARKS = frozenset([PICTURE, *(f"zzmark-{name}".encode() for name in SEALED.split())])


class Desk(NamedTuple):
    """Such a desk: `boss` made everything, `team_lead` is another team lead; `tip` and `beside` are related."""

    boss: User
    team_lead: User
    keys: Keys
    tip: Tip
    beside: Tip
    samples: Samples
    typed: dict[str, Any]  # what every POST sends


def full_desk(*, marked=False):
    """Return such a desk; marked, with markup in every text that is stored, and what fields are sent."""
    boss, team_lead = make_user("olu", "Team lead", "Editor"), make_user("lena", "Team lead")
    if not marked:
        return _full_desk(boss, team_lead)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "seal", marks.seal_marked)
        for user in (boss, team_lead):
            User.objects.filter(pk=user.pk).update(username=f"{user.username}{marks.SHORTER[1]}")
            user.refresh_from_db()
        return _full_desk(boss, team_lead)


def _full_desk(boss, team_lead):
    keys = keyholders.unlock(user=boss, passphrase=make_desk(boss))
    make_keyholder(team_lead)
    boss = User.objects.get(pk=boss.pk)
    beside = send("zzmark-beside zzman zzvan AB12 CDE.")
    tip = send(
        WORDS, vehicles="AB12 CDE", contact_details="zzmark-contact", police="words", picture=True
    )
    with_everything(tip, beside, boss=boss, team_lead=team_lead, keys=keys)
    enquiry = enquiries.begin(by=boss, codename="zzcode", summary="zzmark-summary")
    for one in (tip, beside):
        enquiries.link(tip=one, enquiry=enquiry, by=boss)
    sentence, article = f"{public_results.OPENING} zzthis.", story()
    public_results.propose(
        enquiry=enquiry,
        article=article,
        sentence=sentence,
        by=boss,
        reauthentication=shown(boss),
        keys=newest_keys(),
    )
    referral = draft_again(tips=[tip], by=boss)
    police_referrals.name_danger(
        referral=referral, ground="life", reason="zzmark-danger", by=boss, keys=newest_keys()
    )
    results.begin(referral=referral, keys=newest_keys())
    result = {"result": "not_borne_out", "wrong": "yes", "by": team_lead, "keys": newest_keys()}
    results.record(row=ReferralResult.objects.get(), **result)
    searching.search(words="zzmark-search", by=boss, keys=keys)
    Recipient.objects.create(
        name="zzpolice", public_key=keyring.recipient_of(keyring.new_identity())
    )
    ReplyTemplate.objects.create(title="zzthanks", text="zzthanks.")
    state_files.refresh_form()
    typed = {
        "words": "zzvan",
        **dict.fromkeys(("reason", "reveal-reason"), "danger"),
        "kind": "json",
        "to": "reading",
        "text": "AB12 CDE",
        "other": beside.reference,
        "verdict": "related",
        "lines": "show",
    }
    return Desk(
        boss, team_lead, keys, tip, beside, samples_of(tip=tip, user=boss, enquiry=enquiry), typed
    )


def with_everything(tip, beside, *, boss, team_lead, keys):
    """Give a tip one of everything that can be written of it, and hide another one from the team lead."""
    make_ready(tip, by=boss, keys=keys, text=f"zzmark-zzours. {WORDS}", removed="zzleft.")
    labels.begin_with_the_usual(by=boss)
    triaging.note(tip=tip, text="zzmark-note", by=boss)
    translation.translate(
        tip=tip, language="pl", text="zzmark-translation zzsamochod", seen=0, by=boss
    )
    sender_messages.write(tip=tip, text="zzmark-message?", question=True, by=boss, keys=keys)
    call = {
        "whom": "zzmark-call",
        "when": "zznow",
        "reference": "",
        "ground": "life",
        "danger": "zzyes.",
    }
    urgent_calls.add(tip=tip, to="999", **call, by=team_lead, keys=keys)
    relations.judge(
        tip=tip, other=beside, verdict="related", reason="zzmark-relation", by=team_lead, keys=keys
    )
    denials.mark(tip=tip, denies=True, seen=0, by=boss, keys=keys)
    safety.add(tip=tip, kind="closed", choice="none", text="zzmark-safety", by=team_lead, keys=keys)
    changed_answer.add(tip=beside, position=1, answer="words", by=boss, keys=keys)
    schedule.hold(tip=tip, by=team_lead, reason="zzmark-hold", keys=keys)
    closed_pictures.close(tip=beside, by=boss, keys=keys)
    facts = {"end": "delete", "reference": "zzmark-crime-number", "by": team_lead, "keys": keys}
    closed_pictures.propose(closed=closed_pictures.of_tip(beside), **facts)
    recusal.recuse(tip=send("zzother."), by=team_lead, reason="zzmark-recusal", keys=keys)


def send(what, *, picture=False, **more):
    """Send a tip through the real intake and drain it."""
    return telling.tell(what, photos=[PICTURE] * picture, **more)


def story():
    """Return a public story with one of everything, with changes that are not public yet and an earlier version."""
    area, author = articles.make_area("zzarea"), articles.make_author("zzauthor")
    type(area).objects.update(name="zzarea", estates="zzlane; zzrow")
    type(author).objects.update(name="zzauthor", bio="zzbio.")
    article = articles.make_article(
        "zzstory", author=author, **{name: f"zz{name}" for name in TYPED_OF_A_STORY}
    )
    article.topic.name = "zztopic"
    article.topic.save()
    article.areas.add(area)
    articles.make_appeal(article, title="zztitle", prompt="zzprompt")
    articles.make_correction(article, text="zzcorrection.")
    KeyFact.objects.create(article=article, figure="12", text="zzfact")
    RelatedLink.objects.create(article=article, title="zzlink")
    TimelineStep.objects.create(
        article=article, stage="arrest", date=articles.NOON.date(), text="zzstep."
    )
    fields = revisions.written(revisions.snapshot(article)) | {"headline": "zzbetter"}
    editors.with_changes(article, fields=fields, changed_by="olu")
    half = {"typed": {"headline": ["zzhalf"]}, "made_from": 0, "changed_at": timezone.now()}
    UnsavedText.objects.create(article=article, changed_by="olu", **half)
    revisions.add(article=article, before=None, made_by="olu", at=timezone.now())
    Image.objects.create(
        digest="a" * 32, alt="zzalt", caption="zzcaption.", credit="zzcredit", width=960, height=640
    )
    return article


def enlarge(desk, *, names):
    """Let each list of a desk have a row more for each of these letters."""
    for number in names:
        tip = send(f"zzmore zzvan {number}.")
        opening.open_new(
            by=desk.boss, keys=desk.keys
        )  # which a page does once for each new tip, and writes it down
        enquiries.link(
            tip=tip, enquiry=enquiries.begin(by=desk.boss, codename=f"zzmore{number}"), by=desk.boss
        )
        triaging.note(tip=tip, text="zzmore", by=desk.boss)
        police_referrals.draft(tips=[tip], by=desk.boss, keys=newest_keys())
        searching.search(words="zzmore", by=desk.boss, keys=desk.keys)
        schedule.hold(tip=tip, by=desk.team_lead, reason="zzmore", keys=newest_keys())
        relations.judge(
            tip=desk.tip, other=tip, verdict="related", by=desk.boss, keys=newest_keys()
        )
        enquiries.begin_with(tip=desk.tip, codename=f"zzother{number}", by=desk.boss)
        sender_messages.write(
            tip=desk.tip, text=f"zzmore {number}?", question=True, by=desk.boss, keys=desk.keys
        )
        triaging.label(
            tip=desk.tip, label=Label.objects.create(name=f"zzmore{number}"), by=desk.boss
        )
        safety.add(
            tip=tip, kind="wrote", choice="", text="zzmore.", by=desk.team_lead, keys=newest_keys()
        )
        call = {
            "whom": "zzmore",
            "when": "zzmore",
            "reference": "",
            "ground": "child",
            "danger": "zzyes.",
        }
        urgent_calls.add(tip=tip, to="children", **call, by=desk.team_lead, keys=newest_keys())
        make_keyholder(make_user(f"zzmore{number}", "Team lead"))
        Recipient.objects.create(
            name=f"zzmore{number}", public_key=keyring.recipient_of(keyring.new_identity())
        )
        ReplyTemplate.objects.create(title=f"zzmore{number}", text="zzmore.")
        article = articles.make_article(
            f"zzmore{number}", **dict.fromkeys(TYPED_OF_A_STORY, "zzmore")
        )
        article.areas.add(articles.make_area("zzarea"))


@contextmanager
def markup_in_every_field():
    """Put the markup into whatever is stored in clear; lend what `marks.mark_everything` says of it."""
    connection.check_constraints()  # PostgreSQL drops no trigger while a constraint waits to be checked
    tampering.take_down()
    yield marks.mark_everything()
