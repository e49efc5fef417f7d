"""What members do has one list of names: each has words, and none is ever renamed."""

import string

from reports.models import AuditAct

# What the record of a desk holds. Rows are never changed, so a value may be added here and none may change or go.
STORED = """
    acknowledged announced-correction answered-questions approvals-void approved-alone approved-outcome
    approved-picture approved-referral asked assigned began began-correction called changed-answer changed-email
    changed-name changed-password changed-roles changes-nothing chose-picture clock-was-wrong closed-danger
    closed-pictures compared-key confirmed-clock confirmed-referral confirmed-rows corrected danger-named
    danger-taken-back deleted-pictures desk-pub-renewed dismissed drafted-referral ended-sessions enrolled
    expelled-stray-keys exported exported-record forgot-key forgot-node found-cut-log found-stray-key founded
    glimpsed graded granted handed-back held hidden-unseen independent invited joined judged-denial kept-hidden
    kept-referral-hidden labelled left-as-it-is left-picture-out left-team let-start-again linked locked look-again
    looked-at-danger marked-malicious matched-contact mistaken-call moved moved-back-up moved-to-end
    not-as-recorded noted opened opened-boxes opened-pictures police-must-know proposed-outcome proposed-pictures
    purged rang-again read read-picture read-reason read-referral read-result read-search read-summary recorded
    recorded-result recovered recusal-lifted recused related released released-figures released-outcome removed-app
    removed-passkey removed-recipient removed-reply renamed resealed restored retired-key revealed reviewed
    reviewed-call revoked reworded-correction rotated saved-wording searched second-factor set-aside set-up
    signed-in signed-out started-again summarised switched-off switched-on took-back took-back-receipt translated
    undid undid-changed-answer unlabelled unlinked unlock-refused unlocked unmarked-malicious verified withdrew
    withdrew-outcome withdrew-referral wording-holds wrong-code wrong-password wrote wrote-for-safety
"""


def test_stored_acts_keep_their_names():
    assert sorted(AuditAct.values) == STORED.split()


def test_every_act_has_words():
    for act in AuditAct:
        named = [
            name
            for _text, name, _spec, _how in string.Formatter().parse(str(act.label))
            if name is not None
        ]
        assert " " in act.label
        assert (
            act.label != act.name.replace("_", " ").title()
        )  # what Django makes up where there are none
        assert all(name.isidentifier() for name in named)
