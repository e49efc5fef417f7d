"""The only settings file. Everything that differs between machines comes from the environment (see deploy/)."""

from pathlib import Path
from urllib.parse import urlsplit

from django.utils.csp import CSP

from config import env, process, static_files
from core import languages, place

process.hide_memory()

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(env.text("STATE_DIR", str(BASE_DIR / "var"))).resolve()
RUN_DIR = env.run_folder(
    "RUN_DIR", state=STATE_DIR
)  # in memory: an unlocked desk opens with its file there
OUTBOX_MIRROR = (
    Path(mirror) if (mirror := env.text("OUTBOX_MIRROR")) else None
)  # a folder on another disk
BACKUPS_ELSEWHERE = env.flag(
    "BACKUPS_ELSEWHERE"
)  # each backup is copied to another machine within 20 hours

# The role of this machine.
DEBUG = env.flag("DEBUG")
DEMO = env.flag(
    "DEMO"
)  # A demonstration: a banner on every page, sign-in without a second factor, loopback only.
SITE_ROLE = env.choice("SITE_ROLE", "all", ["all", "public", "staff"])
PLACE = place.at_start(STATE_DIR / "place")  # what is local; manage place take FOLDER
SECURITY_CONTACT = env.text(
    "SECURITY_CONTACT"
)  # mailto:... or https://..., for /.well-known/security.txt
SITE_ORIGIN = env.text(
    "SITE_ORIGIN", f"http://127.0.0.1:{env.number('PORT', 8000, least=1, most=65535)}"
).rstrip("/")
HTTPS = SITE_ORIGIN.startswith("https://")
ONION_ADDRESS = env.onion("ONION_ADDRESS")  # where Tor serves this site too
ALLOWED_HOSTS = [
    *env.items("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]"),
    *filter(None, [ONION_ADDRESS]),
]
CSRF_TRUSTED_ORIGINS = [SITE_ORIGIN]
MANAGE_COMMAND = env.text(
    "MANAGE_COMMAND", "./dev manage"
)  # how manage.py is called here, for hints to staff
SECRET_KEY = env.kept_secret("SECRET_KEY", path=STATE_DIR / "secret_key")

INSTALLED_APPS = [
    "config.apps.StreetlightAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "crispy_forms",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
    "axes",
    "newsroom",
    "reports",
]

# The Desk... classes are Django's own, limited to /admin/.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "reports.security.middleware.response_headers",
    "reports.security.middleware.speak",
    "reports.security.middleware.leave_threads_to_the_form",
    "reports.security.middleware.limit_body",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "reports.security.middleware.DeskSessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "reports.security.middleware.DeskUsers",
    "reports.security.middleware.DeskSecondFactor",
    "reports.security.middleware.DeskMessages",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
FORCE_SCRIPT_NAME = (
    ""  # Pages are cached for everybody: no request may change the prefix of their links.
)
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsroom.context_processors.site",
                "reports.context_processors.who_and_whether",
                "reports.consent_words.consent_words",
            ],
        },
    },
]
FORM_RENDERER = (
    "django.forms.renderers.TemplatesSetting"  # finds templates/django/forms/ before Django's own
)
CRISPY_ALLOWED_TEMPLATE_PACKS = ("civic",)
CRISPY_TEMPLATE_PACK = "civic"

DATABASES = {"default": env.database("DATABASE_URL", sqlite=STATE_DIR / "db.sqlite3")}
DATABASE_FILE = None if env.text("DATABASE_URL") else STATE_DIR / "db.sqlite3"  # None: PostgreSQL

# Members sign in with a password and a second factor; at the desk, a passphrase opens the tips.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "reports.security.passwords.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"  # where a `next` that leads elsewhere is taken to
OTP_TOTP_ISSUER = f"Streetlight {PLACE}"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
# Browsers tie passkeys to this domain: another address makes every passkey useless. Without https, they accept them
# under the name localhost only.
OTP_WEBAUTHN_RP_ID = str(urlsplit(SITE_ORIGIN).hostname) if HTTPS else "localhost"
OTP_WEBAUTHN_RP_NAME = f"Streetlight {PLACE}"
OTP_WEBAUTHN_ALLOWED_ORIGINS = [
    SITE_ORIGIN if HTTPS else f"http://localhost:{urlsplit(SITE_ORIGIN).port or 80}"
]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = 0.25  # hours
AXES_FAILURE_LIMIT = 5
AXES_VERBOSE = False
AXES_USERNAME_CALLABLE = "reports.admin.people.sign_in.name_to_keep"
# axes keeps what a failed sign-in sent for 30 days, and no setting of its own turns that off: a field of any page that
# asks for a password has to be named here, or it is stored as it was typed.
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "password",
    "code",
    "passphrase",
    "csrfmiddlewaretoken",
]
AXES_SENSITIVE_PARAMETERS += [
    "next",
    "name",
    "answer",
    "carried",
    "old_password",
    "new_password1",
    "new_password2",
]
AXES_SENSITIVE_PARAMETERS += [
    "own_password",
    "own_code",
    "first_name",
    "last_name",
    "email",
    "roles",
    "role",
    "active",
]
AXES_SENSITIVE_PARAMETERS += ["seen"]
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"

SESSION_ENGINE = "reports.security.sessions"
IDLE_LOCK = 20 * 60  # seconds without a request after which the desk locks itself
ABSOLUTE_LOCK = 8 * 3600  # seconds after an unlock at which the desk locks in any case
# The desk's keys lie in the session: it never ends before they would lock themselves away.
SESSION_COOKIE_AGE = max(3 * 3600, IDLE_LOCK + 3600)  # seconds after the last change of a session
SESSION_ABSOLUTE = max(12 * 3600, ABSOLUTE_LOCK)  # seconds after signing in
SESSION_COOKIE_NAME = "__Secure-staff" if HTTPS else "staff"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"  # Browsers send no staff cookie to public pages.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Secure-staff-form" if HTTPS else "staff-form"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "reports.admin.pages.carried.outdated"
CSRF_COOKIE_AGE = None
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# No part of a request is written to a temporary file, a log or an error report.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = "/proc"  # Not writable: spooling an upload to disk fails.
FORM_BODY_LIMIT = (
    9 * 256 * 1024
)  # bytes: 100,000 characters of any script, URL-encoded, and the rest of the form
PHOTO_BODY_LIMIT = (
    41 * 1024 * 1024
)  # bytes that an upload keeps in memory: five pictures of 8 MiB, and its form
PHOTO_READ_LIMIT = (
    256 * 1024 * 1024
)  # bytes of an upload from readers that are read, so that each picture is answered
PHOTO_READ_TIME = (
    5 * 60
)  # seconds for which such an upload may come: while it comes, it has a thread
FILE_UPLOAD_MAX_MEMORY_SIZE = PHOTO_BODY_LIMIT
DATA_UPLOAD_MAX_MEMORY_SIZE = (
    4 * 1024 * 1024
)  # bytes of fields without files: staff paste whole articles; FORM_BODY_LIMIT is lower for readers
# More than the form accepts, so that the form names the surplus; Django would answer a bare 400.
DATA_UPLOAD_MAX_NUMBER_FILES = 100
DEFAULT_EXCEPTION_REPORTER = "reports.security.errors.SilentReporter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "reports.security.log_lines.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "axes": {"level": "ERROR"},
    },
}

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
# Not no-referrer: with it Chromium sends "Origin: null" from our own forms.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False  # nginx redirects; a redirect here would hide that it does not.
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and env.flag("HSTS_SUBDOMAINS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Headers of every response for which Django has no setting; a response that has one of them already keeps its own.
# newsroom/edition/headers.py gives these and those above to finished pages and to all that nginx answers by itself;
# after a change, write nginx's file again: manage.py edition_nginx
RESPONSE_HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    # Tor Browser offers to go there.
    **({"Onion-Location": f"http://{ONION_ADDRESS}/"} if ONION_ADDRESS else {}),
}
# See SECURE_SSL_REDIRECT; whether every subdomain speaks https is the operator's to know (HSTS_SUBDOMAINS).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-built"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "config.static_files.Storage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Files that only who sends a tip or reads their messages fetches: in a browser's cache they would show that for a year.
# Chromium keeps the addresses of the scripts all the same, with what it compiled of them. nginx reads this too.
OF_SENDERS = r"/static/(?:css/receipt|js/(?:mailbox|pictures|receipt)|words)[.]"
WHITENOISE_ADD_HEADERS_FUNCTION = static_files.leave_unstored
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = (
    DEMO  # A demonstration serves static files from their sources.
)
MEDIA_ROOT = STATE_DIR / "media"
MEDIA_URL = "/media/"

LANGUAGE_CODE = languages.ENGLISH
# Those that residents may choose, each with an address of its own: all in a demonstration, else the place's.
LANGUAGES = [
    (LANGUAGE_CODE, "English"),
    *((code, languages.NAMES[code]) for code in PLACE.pages_in(demo=DEMO)),
]
LOCALE_PATHS = [
    STATE_DIR / "languages"
]  # which `prepare` writes, from the place's folder and `locale`
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = PLACE.time_zone
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Content-free notices to staff. Without a mail server a demonstration writes them to files, a real desk to its output.
MAIL_HOST = env.text("MAIL_HOST")
if MAIL_HOST:
    _mailer = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": MAIL_HOST,
            "port": env.number("MAIL_PORT", 587, least=1, most=65535),
            "username": env.text("MAIL_USER"),
            "password": env.text("MAIL_PASSWORD"),
            "use_tls": env.flag("MAIL_TLS", default=True),
            "timeout": 15,
        },
    }
elif DEMO:
    _mailer = {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": STATE_DIR / "mail"},
    }
else:
    _mailer = {"BACKEND": "config.mail.PlainBackend"}
MAILERS = {"default": _mailer}
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "desk@localhost")
MAIL_OPERATOR = env.text(
    "MAIL_OPERATOR"
)  # who gets an email when the site needs attention; left out, the duty contact
RELEASES_FROM = env.text(
    "RELEASES_FROM"
)  # the address of the code; left out, nobody looks for new releases

# The desk.
FIGURES_LEAST = 10  # tips behind any published number
FIGURES_AFTER = 28  # days after a quarter's end
OUTCOME_LEAST = 5  # sources of the tips behind any published outcome
OUTCOME_BANDS = [
    OUTCOME_LEAST,
    10,
    25,
]  # where those begin in which an article tells how many reports it began with
OUTCOME_HOUR = 9  # of the day after the second signature
DATABASE_THREADS = max(
    1, env.number("THREADS", 32, least=1, most=256) * 3 // 4
)  # the others never wait for it
DRAIN_AFTER_RECEIPT = True  # Drain the outbox after each receipt; tests drain explicitly.
