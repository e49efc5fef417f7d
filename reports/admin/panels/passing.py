"""The panels for what may leave the desk: the suggested grading, and the tip in our own words."""

from typing import Any, NamedTuple

from reports import questions
from reports.admin import present
from reports.admin.panels.scene import Scene
from reports.domain.errors import Refused
from reports.domain.handover import grading, own_words, versions
from reports.models import Grading, Pack, PackState, Sanitised

RIGHT = "reports.hand_over"
STAYS = "stays-"


def handed(scene: Scene) -> dict[str, Any] | None:
    """Return the packs that the tip is in, as far as the member may know them."""
    if not scene.user.has_perms([RIGHT, "reports.view_pack"]):
        return None
    found = Pack.objects.visible_to(scene.user).filter(parts__tip=scene.tip).exclude(state=PackState.WITHDRAWN)
    return {"packs": list(found.defer("sealed"))}


class Question(NamedTuple):
    """What is asked about a text: the words, what they may tell, and the reason why they stay."""

    name: str
    asked: own_words.ReviewedLeak
    because: str


def graded(scene: Scene) -> dict[str, Any] | None:
    """Return the suggested grading, or what was just typed in its place, and what the sender says they know it from."""
    if not scene.user.has_perm(RIGHT):
        return None
    shown: dict[str, Any] = {"count": versions.latest_number(Grading, tip=scene.tip)}
    if scene.reading is None or scene.keys is None:
        return shown
    try:
        grade = grading.latest(tip=scene.tip, keys=scene.keys)
    except Refused as refusal:
        return shown | {"broken": str(refusal)}
    names = ("source", "information", "handling", "conditions")
    chosen = {name: getattr(grade, name) for name in names}
    if scene.act == "grade":
        chosen = {name: scene.typed.get(name, "") for name in names}
    return shown | {
        "grade": grade,
        "chosen": chosen,
        "said": _said(scene),
        "lists": (grading.SOURCE.items(), grading.INFORMATION.items(), grading.HANDLING.items()),
    }


def sanitised(scene: Scene) -> dict[str, Any] | None:
    """Return the text in our words beside the sender's own, what is asked about it, and what was just typed."""
    if not scene.user.has_perm(RIGHT):
        return None
    shown: dict[str, Any] = {"count": versions.latest_number(Sanitised, tip=scene.tip)}
    if scene.reading is None or scene.keys is None:
        return shown
    try:
        wording = own_words.latest(tip=scene.tip, keys=scene.keys)
    except Refused as refusal:
        return shown | {"broken": str(refusal)}
    typed = scene.typed if scene.act == "sanitise" else {}
    fields = {name: typed.get(name, getattr(wording, name)) for name in ("text", "removed", "contact")}
    return (
        shown
        | fields
        | {
            "wording": wording,
            "questions": [_question(one, typed) for one in wording.asked],
            "originals": [part for part in present.parts(scene.reading) if part.what],
        }
    )


def _question(asked: own_words.ReviewedLeak, typed: Any) -> Question:
    name = f"{STAYS}{asked.leak.key}"
    return Question(name, asked, typed.get(name, asked.because))


def _said(scene: Scene) -> list[tuple[Any, Any]]:
    """Return what the sender answered to "how do you know?", with what that is worth, once each."""
    arrivals = scene.reading.arrivals if scene.reading else ()
    given = dict.fromkeys(str(arrival.answers.get("source") or "") for arrival in arrivals if arrival.kind == "tip")
    return [(questions.label("source", value), present.SOURCE.get(value, "")) for value in given if value]
