"""Everything that members do on a day at the desk, with a random secret in every place that takes text."""

from tests.reports import pictures
from tests.system.harness.member import Member
from tests.system.harness.resident import Resident

ENQUIRY, KEEP, CARRIED = "/admin/reports/enquiry/begin/", "/admin/draft/", "/admin/draft/carried/"
A_DAY_AGO = (
    "from reports.domain.keys.keyholders import unlock; from reports.models import Approval; "
    "from tests.reports.handing import signed_earlier; one = Approval.objects.get(); "
    "signed_earlier(one, keys=unlock(user=one.user, passphrase={passphrase!r}))"
)


def members(port, home, secrets):
    """Sign in, unlock, read, look, note, reveal, move, lock, write on a locked desk; return the member, unlocked."""
    desk = home.desk
    secrets.words("the passphrase", desk["passphrase"])
    secrets |= {"the password": [desk["password"]], "the recovery identity": [desk["recovery"]]}
    secrets["a desk identity"] = list(desk["identities"])
    stranger = Member(port, desk)
    # Members mistake one box for another.
    stranger.try_to_sign_in(
        username=desk["username"], password=secrets.new("a wrong password"), code=desk["passphrase"]
    )
    stranger.try_to_sign_in(
        username=desk["username"], password=desk["passphrase"], code=secrets.new("a wrong code")
    )
    member = Member(port, desk)
    member.sign_in()
    wrong = member.unlock(f"{secrets.new('a wrong passphrase')} one two three four five")
    assert wrong.status == 200
    member.unlock(desk["passphrase"])
    for address in member.tips():
        _read(member, address, secrets)
    enquire(member, secrets)
    draft(member, secrets)
    refer(member, home, secrets)
    _search(member, secrets)
    _locked(member, secrets)
    secrets["a cookie"] = [value for name, value in member.cookies.items() if name == "staff"]
    assert len(secrets["a cookie"]) == 1
    return member


def _read(member, address, secrets):
    """Do everything that a tip's page offers."""
    acts, page = address.removesuffix("change/"), member.get(address)
    assert page.status == 200
    texts = [form for name, forms in secrets.items() if "answer" in name for form in forms]
    assert any(text in page.text for text in texts), "the tip's text is not on its page"
    for picture in member.pictures(page):
        assert picture.status == 200
    if f'formaction="{acts}reveal/' in page.text:
        page_after = member.press(page, f"{acts}reveal/", {"reveal-reason": "asked"})
        assert secrets["answer contact_details"][0] in page_after.text
    note, draft = secrets.new("a note"), secrets.new("a message that is never sent")
    saved = member.press(page, f"{acts}save/", {"save-note": note, "write-text": draft})
    assert note in saved.text
    assert draft in saved.text, "what was not sent is not in its box"
    long = {"save-note": secrets.new("too long a note") * 1500}
    assert member.press(page, f"{acts}save/", long).status in (200, 400, 409, 422)
    member.press(page, f"{acts}save/", {"save-status": secrets.new("a move to nowhere")})
    member.press(page, f"{acts}save/", {"save-assignee": ""})


def _search(member, secrets):
    """Search for what is there and for what is not, and read what was searched for."""
    page = member.get("/admin/search/")
    there, place = secrets["answer people"][0].split()[0], secrets["answer place"][0]
    for words in (there, f'"{place}"', secrets.new("a search")):
        results = member.submit(page, "/admin/search/", words=words)
        assert results.status == 200
        assert ("<mark>" in results.text) == (words in (there, f'"{place}"')), words
    member.submit(page, "/admin/search/", words=secrets.new("a search that is too long") * 40)
    member.submit(member.get("/admin/searches/"), "/admin/searches/")


def _locked(member, secrets):
    """Lock the desk; press Save and others on a page that was open; at the end it is unlocked again."""
    address = member.tips()[0]
    acts, page = address.removesuffix("change/"), member.get(address)
    member.submit(page, "/admin/lock/")
    locked = member.get(address)
    assert secrets["answer people"][0] not in locked.text, "a locked desk shows text"
    note = secrets.new("a note on a locked desk")
    assert note not in member.press(page, f"{acts}save/", {"save-note": note}).text
    wrong = {
        "save-note": note,
        "reveal-reason": "asked",
        "passphrase": secrets.new("a wrong passphrase beside an act"),
    }
    member.press(page, f"{acts}reveal/", wrong)
    member.press(page, f"{acts}reveal/", wrong | {"passphrase": member.desk["passphrase"]})
    assert note in member.get(address).text, (
        "the passphrase beside the act did not unlock, or the draft was lost"
    )


def enquire(member, secrets):
    """Begin an enquiry, write its summary twice and in vain, link tips, say what two tips are to each other."""
    first_tip, second_tip, *_ = member.tips()
    acts, page = first_tip.removesuffix("change/"), member.get(first_tip)
    reference = member.get(second_tip).text.split('<span class="ref">')[1][:9]
    token = {"csrfmiddlewaretoken": page.form(f"{acts}save/").fields["csrfmiddlewaretoken"]}
    begun = member.follow(member.post(ENQUIRY, token))
    enquiry = begun.text.split("/admin/reports/enquiry/")[1:]
    (key,) = {part[:36] for part in enquiry if part[36:37] == "/"}
    there, first = f"/admin/reports/enquiry/{key}/", secrets.new("a summary")
    seen = {"seen": begun.text.split('name="seen" value="')[1].split('"')[0]}
    member.follow(member.post(f"{there}summarise/", token | seen | {"text": first}))
    assert first in member.get(f"{there}change/").text, "the summary is not on its page"
    member.post(
        f"{there}summarise/", token | seen | {"text": secrets.new("a summary that is refused")}
    )
    member.post(
        f"{there}rename/", token | {"codename": f"{secrets.new('a codename that is refused')} 99"}
    )
    for tip in (first_tip, second_tip):
        danger = {
            "save-danger_choice": "other",
            "save-danger_text": secrets.new("what was done about the danger"),
        }
        member.press(
            member.get(tip), f"{tip.removesuffix('change/')}save/", danger | {"save-enquiry": key}
        )
    for verdict in ("related", "independent"):
        reason = {
            "other": reference,
            "verdict": verdict,
            "reason": secrets.new(f"why two tips are {verdict}"),
        }
        member.follow(member.post(f"{acts}relate/", token | reason))
    refused = {
        "other": reference,
        "verdict": "nonsense",
        "reason": secrets.new("a reason that is refused"),
    }
    member.post(f"{acts}relate/", token | refused)
    assert member.get(f"{acts}related/").status == 200
    assert f">{reference}<" in member.get(f"{there}change/").text


def draft(member, secrets):
    """Keep half a note, send another while signed out, and a third from a page that is older than a sign-in."""
    address = member.tips()[0]
    save = f"{address.removesuffix('change/')}save/"
    fields = member.get(address).form(save).fields
    kept = secrets.new("a draft")
    assert member.post(KEEP, fields | {"save-note": kept}).status == 204
    assert kept in member.get(address).text, "the draft does not stand in its box"
    session = member.cookies.pop("staff")
    page = member.post(
        save, fields | {"save-note": secrets.new("a text that was sent while signed out")}
    )
    assert page.form("/admin/login/").fields["carried"], "nothing is carried"
    member.cookies["staff"] = session
    old = secrets.new("a text from a page that was too old")
    page = member.post(save, fields | {"save-note": old, "csrfmiddlewaretoken": "old"})
    assert old not in page.text, "the text stands in the page"
    assert old in member.submit(page, CARRIED).text, "the text did not come back"


def refer(member, home, secrets):
    """Grade a tip, write it in other words, name a danger, approve it alone, export it twice, confirm it."""
    address = member.tips()[0]
    acts, page = address.removesuffix("change/"), member.get(address)
    token = {"csrfmiddlewaretoken": page.form(f"{acts}save/").fields["csrfmiddlewaretoken"]}
    graded = {"grade-source": "2", "grade-information": "C", "grade-handling": "C"}
    graded |= {"grade-conditions": secrets.new("conditions"), "grade-seen": "0"}
    member.follow(member.post(f"{acts}grade/", token | graded))
    member.post(
        f"{acts}grade/", token | graded | {"grade-conditions": secrets.new("a refused grading")}
    )
    for what in ("a translation", "a refused translation"):
        translated = {
            "translate-language": "pl",
            "translate-text": secrets.new(what),
            "translate-seen": "0",
        }
        tip_page = member.follow(member.post(f"{acts}translate/", token | translated))
        assert translated["translate-text"] in tip_page.text, (
            "the translation is not on its tip's page"
        )
    ours, removed = secrets.new("a text in other words"), secrets.new("what was left out")
    words = {"wording-text": f"My neighbour, {ours}", "wording-removed": removed}
    tip_page = member.follow(member.post(f"{acts}wording/", token | words | {"wording-seen": "0"}))
    assert ours in tip_page.text, "the text is not on its tip's page"
    names = {
        part.split('"')[0]
        for part in tip_page.text.split('name="')[1:]
        if part.startswith("wording-stays-")
    }
    stays = {name: secrets.new("why it stays") for name in names}
    assert stays, "nothing was asked about the neighbour"
    stays |= {
        name: tip_page.form(f"{acts}save/").fields[name]
        for name in ("wording-seen", "wording-position")
    }
    member.follow(member.post(f"{acts}wording/", token | words | stays))
    member.post(
        f"{acts}wording/",
        token | {"wording-text": secrets.new("a refused text"), "wording-seen": "0"},
    )
    drafted = member.post(acts.replace("/tip/", "/referral/draft/tip/"), token)
    referral = drafted.headers["location"].removesuffix("change/")
    danger = {"ground": "life", "danger": secrets.new("a danger to life")}
    member.follow(member.post(f"{referral}ground/", token | danger))
    words = {"passphrase": member.desk["passphrase"]}
    member.get(f"{referral}change/")
    member.follow(member.post(f"{referral}approve/", token | words))
    home.manage("shell", "-c", A_DAY_AGO.format(passphrase=member.desk["passphrase"]))
    member.follow(member.post(f"{referral}alone/", token | words))
    assert (
        ours
        in member.post(
            f"{referral}export/", token | {"kind": "json", "recipient": "anyone"} | words
        ).text
    ), "nothing was exported"
    assert (
        member.post(
            f"{referral}export/", token | {"kind": "pdf", "recipient": "anyone"} | words
        ).status
        == 200
    )
    member.post(
        f"{referral}confirm/", token | {"reference": secrets.new("a refused reference"), "who": ""}
    )
    confirmation = {
        "reference": secrets.new("the reference of the police"),
        "who": secrets.new("who confirmed it"),
    }
    confirmed = member.post(f"{referral}confirm/", token | {"sure": "on"} | confirmation)
    assert confirmation["who"] in member.follow(confirmed).text


def talk(port, member, secrets):
    """Write to every sender; let the first read it, answer with mistakes, send a picture; read the answer; stop."""
    question, answered = (
        secrets.new("a message to the sender"),
        secrets.new("an answer from a mailbox"),
    )
    for address in member.tips():
        member.write(address, secrets.new("a message that is too long") * 200)
        sent = member.write(address, f"{question}?")
        assert question in sent.text, f"the message was answered with {sent.status}"
    resident, words = Resident(port), secrets["the seven words"][0]
    assert resident.open_mailbox(f"{secrets.new('a wrong word')} {words}").status == 200
    page = resident.open_mailbox(words)
    assert f"{question}?" in page.text, "the message is not in the mailbox"
    long = secrets.new("an answer that is too long")
    assert long in resident.answer(page, long * 2000).text
    secrets["a ticket"] = [page.form("/mailbox/reply/").fields["ticket"]]
    assert "We have what you wrote." in resident.answer(page, answered).text
    picture = pictures.telling_jpeg(secrets.new("a note in a picture"))
    files = [("photos", f"{secrets.new('a file name')}.jpg", picture)]
    mailbox = resident.post("/mailbox/photos/", page.form("/mailbox/photos/").fields, files)
    assert 'class="sent"' in mailbox.text, f"the picture was answered with {mailbox.status}"
    assert any(answered in member.get(address).text for address in member.tips()), (
        "no member finds the answer"
    )
    resident.post(
        "/mailbox/delete/", page.form("/mailbox/delete/").fields | {"number": "1", "sure": "yes"}
    )
    stopped = resident.post("/mailbox/burn/", page.form("/mailbox/burn/").fields | {"sure": "yes"})
    assert "Your seven words no longer work" in stopped.text
