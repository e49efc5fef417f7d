"""What the check page says beside words that could show who wrote them."""

from django.utils.translation import gettext_lazy as _

PHONE_ADVICE = _("This looks like your own phone number. Take it out, unless you want us to have it.")
ANY_PHONE_ADVICE = _("Is this number yours, or theirs? Take it out if it is yours, unless you want us to have it.")
EMAIL_ADVICE = _("Is this your own e-mail address? Take it out, unless you want us to have it.")
HANDLE_ADVICE = _("Is this name yours, or theirs? Take it out if it is yours.")
REACH_ADVICE = _("This says how you can be reached. Take it out, unless you want us to have it.")
NAME_ADVICE = _("This looks like your name. We do not need it.")
HOME_ADVICE = _("This says something about where you live. Say where it happens instead, without “my”.")
NEAR_ADVICE = _("This says where you live or stand. Few people live there, so they may guess that it was you.")
KIN_ADVICE = _("This says who you are to someone. “A person I know” says less about you.")
WORK_ADVICE = _("This says where you work or learn, or what you do. Others may know who that is.")
PAST_ADVICE = _("This says what you did before, or what you were to them. They may remember who that was.")
SELF_ADVICE = _("This says what kind of person you are. Together with what you know, it may be enough to find you.")
TIME_ADVICE = _("This says what you did at a certain minute. “In the morning” says less.")
ONLY_ADVICE = _("If only you or a few people can know this, they may guess that it was you. Say less if you can.")
DEALINGS_ADVICE = _("This says what went on between you and them. They may know from it that it was you.")
VEHICLE_ADVICE = _("This looks like your own car or bike. Leave it out.")
MINE_ADVICE = _("This says that something is yours. Write it without saying whose it is.")
CONTACT_ADVICE = _(
    "You wrote contact details but did not choose to be phoned or emailed, so we will not use them. Take them out if "
    "you do not want us to have them."
)

# By the headings of the files of phrases.
BY_NAME = {
    "phone": PHONE_ADVICE,
    "reach": REACH_ADVICE,
    "name": NAME_ADVICE,
    "home": HOME_ADVICE,
    "near": NEAR_ADVICE,
    "kin": KIN_ADVICE,
    "work": WORK_ADVICE,
    "past": PAST_ADVICE,
    "self": SELF_ADVICE,
    "only": ONLY_ADVICE,
    "dealings": DEALINGS_ADVICE,
    "mine": MINE_ADVICE,
    "time": TIME_ADVICE,
    "vehicle": VEHICLE_ADVICE,
}
