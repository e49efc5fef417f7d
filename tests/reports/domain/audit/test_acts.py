"""What members do has one list of names: none is typed out elsewhere, each has words, and none is ever renamed."""

import ast
import string

from reports.models import AuditAct, AuditEvent
from tests.project.test_shape import ROOT, sources

# What the record of a desk holds. Rows are never changed, so a value may be added here and none may change or go.
STORED = """
    acknowledged asked assigned began brought-back changed-email changed-name changed-password
    changed-roles chose-picture closed-danger compared-key confirmed-clock confirmed-pack danger-named danger-taken-back
    desk-pub-renewed disclosed dismissed drafted-pack ended-sessions enrolled expelled-stray-keys exported
    exported-record forgot-key forgot-node found-cut-log found-stray-key founded glimpsed graded granted handed-back
    held independent invited joined kept-hidden labelled left-picture-out let-start-again linked locked
    looked-at-danger moved
    not-as-vouched noted opened proposed-outcome purged rang-again read read-pack read-picture read-reason
    read-search read-summary recorded recovered recusal-lifted recused related released released-figures
    released-outcome removed-app removed-partner removed-passkey removed-reply renamed resealed restored retired-key
    revealed reviewed reviewed-disclosure revoked rotated sanitised searched second-factor set-aside set-up
    sign-in-paused signatures-void signed-alone signed-in signed-out signed-out-elsewhere signed-outcome signed-pack
    started-again
    summarised switched-off switched-on told took-back undid unlabelled
    unlinked unlock-refused unlocked untold verified vouched vouched-picture withdrew withdrew-outcome
    withdrew-pack wrong-code wrong-password wrote wrote-for-safety
"""

TAKES_AN_ACT = {"act", "act__in"}
RECORDS = {"record", "record_each", "checkpoint", "_record", "_record_link"}


def literals(node: ast.AST | None) -> list[str]:
    """Return the strings that an expression may be, or may hold."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=first, orelse=second):
            return literals(first) + literals(second)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return [text for part in parts for text in literals(part)]
    return []


def typed_out(source: str) -> list[str]:
    """Return the acts that this code writes as strings where the record is written or asked."""
    found = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        for keyword in call.keywords:
            known = name in RECORDS or set(literals(keyword.value)) & set(AuditAct.values)
            found += literals(keyword.value) if keyword.arg in TAKES_AN_ACT and known else []
        found += [text for part in call.args for text in literals(part) if name in RECORDS and text in AuditAct.values]
    return found


def test_stored_acts_keep_their_names() -> None:
    assert sorted(AuditAct.values) == STORED.split()


def test_every_stored_act_fits_its_column() -> None:
    assert max(map(len, AuditAct.values)) <= (AuditEvent._meta.get_field("act").max_length or 0)


def test_every_act_has_words() -> None:
    for act in AuditAct:
        named = [name for _text, name, _spec, _how in string.Formatter().parse(str(act.label)) if name is not None]
        assert " " in act.label
        assert act.label != act.name.replace("_", " ").title()  # what Django makes up where there are none
        assert all(name.isidentifier() for name in named)


def test_no_act_is_typed_out() -> None:
    found = {path.relative_to(ROOT).as_posix(): typed_out(path.read_text("utf-8")) for path in sources("reports")}
    assert {path: acts for path, acts in found.items() if acts} == {}
