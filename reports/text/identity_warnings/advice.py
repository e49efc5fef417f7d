"""What the check page says beside words that could show who wrote them."""

from django.utils.translation import gettext_lazy

PHONE_ADVICE = gettext_lazy(
    "This looks like your own phone number. Take it out, unless you want us to have it."
)
ANY_PHONE_ADVICE = gettext_lazy(
    "Is this number yours, or theirs? Take it out if it is yours, unless you want us to have it."
)
EMAIL_ADVICE = gettext_lazy(
    "Is this your own email address? Take it out, unless you want us to have it."
)
HANDLE_ADVICE = gettext_lazy("Is this username yours, or theirs? Take it out if it is yours.")
REACH_ADVICE = gettext_lazy(
    "This says how someone can reach you. Take it out, unless you want us to have it."
)
NAME_ADVICE = gettext_lazy("This looks like your name. We do not need it.")
HOME_ADVICE = gettext_lazy(
    "This says something about where you live. Say where it happens instead."
)
NEAR_ADVICE = gettext_lazy(
    "This may say where you live, or where you were. Few people can see that place. Someone may guess that it was you."
)
KIN_ADVICE = gettext_lazy(
    "This shows how you know them. Write “a person I know” or “a child” instead. If they are in danger, keep it in."
)
WORK_ADVICE = gettext_lazy(
    "This says where you work or study, or what you do. They may know from it who you are."
)
PAST_ADVICE = gettext_lazy(
    "This says what you did before, or how they knew you. They may remember you."
)
SELF_ADVICE = gettext_lazy(
    "This describes you. Together with what you know, it may be enough for them to find you."
)
TIME_ADVICE = gettext_lazy(
    "This says what you did at an exact time. Write “in the morning” or “at night” instead."
)
ONLY_ADVICE = gettext_lazy(
    "Few people could know this. Someone may guess that it was you. Say less if you can."
)
DEALINGS_ADVICE = gettext_lazy(
    "This says what happened between you and them. They may know from it that it was you."
)
VEHICLE_ADVICE = gettext_lazy("This looks like your own car or bike. Take it out.")
MINE_ADVICE = gettext_lazy("This says that something is yours. Do not say whose it is.")
CONTACT_ADVICE = gettext_lazy(
    "You wrote contact details but did not choose to be phoned or emailed, so we will not use them. You can take them "
    "out."
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
