"""The rights, and the roles that give them: who may do what. docs/roles.md shows it for every address."""

VIEW_TIP = "reports.view_tip"
READ_TIP = "reports.read_tip"
TRIAGE_TIP = "reports.triage_tip"
REVEAL_CONTACT = "reports.reveal_contact"
VIEW_ENQUIRY = "reports.view_enquiry"
REFER = "reports.refer"
VIEW_REFERRAL = "reports.view_referral"
VIEW_OUTCOME = "reports.view_outcome"
APPROVE_OUTCOME = "reports.approve_outcome"
RUN_DESK = "reports.run_desk"
VIEW_AUDIT_LOG = "reports.view_auditevent"
VIEW_FIGURES = "reports.view_figures"
CHANGE_LABEL = "reports.change_label"
VIEW_ARTICLE = "newsroom.view_article"
CHANGE_ARTICLE = "newsroom.change_article"

TEAM_LEAD = "Team lead"
_READS = (
    VIEW_TIP,
    READ_TIP,
    TRIAGE_TIP,
    REVEAL_CONTACT,
    VIEW_ENQUIRY,
    REFER,
    VIEW_OUTCOME,
    VIEW_REFERRAL,
)
_APPROVES = (VIEW_OUTCOME, APPROVE_OUTCOME)

# Django's own rights (view, add, change, delete) and the desk's, by role.
ROLES: dict[str, tuple[str, ...]] = {
    "Editor": (
        *(
            f"newsroom.{act}_{kind}"
            for kind in ("article", "appeal", "topic", "area")
            for act in ("add", "change", "view")
        ),
        *(
            f"newsroom.{act}_{kind}"
            for kind in ("relatedlink", "timelinestep")
            for act in ("add", "change", "delete", "view")
        ),
        *_APPROVES,
    ),
    "Caseworker": _READS,
    TEAM_LEAD: (
        *_READS,
        *_APPROVES,
        *(RUN_DESK, VIEW_AUDIT_LOG, VIEW_FIGURES),
        *(
            f"reports.{act}_{kind}"
            for kind in ("label", "replytemplate")
            for act in ("add", "change", "view")
        ),
        "reports.delete_replytemplate",
        *(f"reports.{act}_recipient" for act in ("add", "change", "delete", "view")),
    ),
    "Auditor": (VIEW_AUDIT_LOG, VIEW_FIGURES),
    "Second approver": (VIEW_ARTICLE, "newsroom.view_appeal", *_APPROVES),
}

# What each is for, as whoever gives it reads it.
DUTIES = {
    "Editor": "Editor: writes stories and appeals, approves public results, cannot read tips",
    "Caseworker": "Caseworker: reads and sorts tips, with their own key",
    TEAM_LEAD: (
        "Team lead: does what a caseworker does, manages people and keys, checks the audit log, approves public results"
    ),
    "Auditor": "Auditor: checks the audit log and the figures, cannot read tips",
    "Second approver": "Second approver: sees stories and approves public results, cannot read tips",
}
