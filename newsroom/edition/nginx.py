"""Makes nginx's configuration, from the same headers and addresses as the WSGI layer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.conf import settings

from core.responses import OF_PICTURES
from newsroom.edition import headers, paths

NOTICE = "Made by `manage.py edition_nginx` from nginx.conf.in. Change that, not this."
# Of TLS 1.2, what keeps past sessions secret and seals what it encrypts; of TLS 1.3, all there is.
CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
FRONT = """    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers @CIPHERS@;
    ssl_prefer_server_ciphers off;
    ssl_session_cache shared:tls:2m;
    ssl_session_timeout 1h;
    ssl_session_tickets off;

    # Requests for any other host name get no response.
    server {
        listen 80 default_server;
        listen [::]:80 default_server;
        listen 443 ssl default_server;
        listen [::]:443 ssl default_server;
        ssl_reject_handshake on;
        return 444;
    }

    server {
        listen 80;
        listen [::]:80;
        server_name @NAME@;

        location /.well-known/acme-challenge/ {
@UNENCRYPTED@
            root /var/www/acme;
        }
        location / {
@UNENCRYPTED@
            return 301 https://$host$request_uri;
        }
    }

"""
LISTEN = """        listen 443 ssl;
        listen [::]:443 ssl;
        http2 on;
        server_name @NAME@;
        ssl_certificate @CERTIFICATE@;
        ssl_certificate_key @KEY@;"""

# The beginning and the end of the pages that nginx itself answers while the application cannot: no file, nothing to
# fetch. A parameter of nginx has room for 4,096 bytes.
ERROR_HEAD = (
    "<!doctype html><html lang=en-gb><title>Not now</title><meta name=viewport content='width=device-width'><style>"
    ":root{color-scheme:light dark}"
    "body{margin:0;background:#fbf8f1;color:#171a20;font:1.0625rem/1.55 system-ui,sans-serif}"
    ".exit{display:block;padding:.5rem 1rem;background:#0b4a7a;color:#fff;font-weight:700;text-align:center}"
    ".call{margin:0;padding:.5rem 1rem;background:#7d1712;color:#fff;font-size:.9375rem}.call a{color:#fff}"
    ".brand{margin:0;padding:.625rem 1rem;border-bottom:3px solid #ffb52e;background:#101a2b;color:#f6f1e6;"
    "font:700 1.25rem/1.3 Georgia,serif}"
    "main{max-width:36rem;padding:1.5rem 1rem}h1{margin:0 0 .75rem;font:700 2rem/1.15 Georgia,serif}a{color:#0b4a7a}"
    "@media(prefers-color-scheme:dark){body{background:#11151d;color:#eee9de}main a{color:#93c7f2}}"
    "</style><header><a class=exit href=https://www.bbc.co.uk/weather rel='nofollow noreferrer'>Exit this page</a>"
    "<p class=call>If someone is in danger or a crime is happening now, call @emergency@. If it is not"
    " urgent, call the police on @police@. To stay anonymous by phone, call @anonymous@. We are"
    " not the police.<p class=brand>Streetlight</header><main>"
)
ERROR_RELOAD = (
    "<ol><li>Stay on this page and wait a minute.<li>Then reload it. If your browser asks whether to send the form"
    " again, say yes. It will send what you wrote. It does no harm to send the same text twice.</ol><p>Do not press"
    " Back first. In many browsers it brings back an empty form.</main></html>"
)
WORDS_RELOAD = (
    "<ol><li>Stay on this page and wait a minute.<li>Then reload it. If your browser asks whether to send the form"
    " again, say yes. It will show your seven words.</ol><p>Do not press Back first, or you may not see them"
    " again.</main></html>"
)


@dataclass(frozen=True)
class Site:
    """The addresses, folders and names of one machine; the defaults are those of deploy/."""

    name: str = "example.org"
    application: str = "127.0.0.1:8000"
    state: str = "/var/lib/streetlight"
    static: str = "/opt/streetlight/current/static-built"
    certificate: str = ""  # the chain in PEM and its key; without them those that certbot keeps under the site's name
    key: str = ""
    balancer: str = ""  # an address to listen on without TLS, for a balancer that has taken it off
    temporary: str = "/run/nginx"
    error_log: str = "/var/log/nginx/error.log"
    process: str = "user www-data;\nworker_processes auto;\npid /run/nginx.pid;"
    extra: str = "/etc/nginx/streetlight.d/*.conf"
    plain: str = ""  # an address to listen on without TLS, for trials


def configuration(template: Path, site: Site) -> str:
    """Return the text of the configuration file for a site."""
    text = template.read_text(encoding="utf-8")
    https = not site.plain
    kinds = {name: value.partition(";")[0] for name, value in headers.TYPES.items()}
    plain = site.plain or site.balancer
    certificates = f"/etc/letsencrypt/live/{site.name}"
    site = replace(
        site,
        certificate=site.certificate or f"{certificates}/fullchain.pem",
        key=site.key or f"{certificates}/privkey.pem",
    )
    values = {
        "NOTICE": NOTICE,
        "FRONT": "" if plain else FRONT,
        "CIPHERS": CIPHERS,
        "LISTEN": f"        listen {plain};\n        server_name {site.name};" if plain else LISTEN,
        "SCHEME": "https" if site.balancer else "$scheme",
        "COMMON": _lines(headers.common(https=https)),
        "UNENCRYPTED": _lines(headers.every(https=False)),
        "OF_STATIC": _lines(headers.every(https=https), cached=True),
        "OF_PICTURES": _lines(headers.every(https=https) | OF_PICTURES, cached=True),
        "OF_OWN_PAGES": _lines(headers.front(https=https)),
        "OF_SENDERS": settings.OF_SENDERS,
        "TYPES": " ".join(f"{kind} {name};" for name, kind in kinds.items()),
        "CHARSET_TYPES": " ".join(
            kind for name, kind in kinds.items() if name != "html"
        ),  # HTML always has one
        "FILES": "|".join(paths.FILES),
        "ERROR_HEAD": ERROR_HEAD,
        "ERROR_RELOAD": ERROR_RELOAD,
        "WORDS_RELOAD": WORDS_RELOAD,
    }
    # Digits and spaces alone: what else a place says could end the text that nginx answers.
    numbers = {name: one.link.replace('"', "") for name, one in settings.PLACE.numbers.items()}
    own = {
        name.upper(): value for name, value in asdict(site).items()
    }  # after those whose text names them
    for name, value in (values | own | numbers).items():
        text = text.replace(f"@{name}@", value)
    return text


def _lines(fields: Mapping[str, str], *, cached: bool = False) -> str:
    """Return the lines for headers; `cached` is for files whose names change with their content."""
    own = dict(fields)
    if cached:
        own.pop("Cache-Control", None)
    lines = [_field(name, value) for name, value in own.items()]
    if cached:
        lines.append(_line("Cache-Control", "$kept"))
    return "\n".join(lines)


def _field(name: str, value: str) -> str:
    """Return the line for a header; raises ValueError for a $, which nginx has no way to write."""
    if "$" in value:
        raise ValueError(
            f"nginx takes what follows the $ in the header {name} for a name of its own."
        )
    return _line(name, value.replace("\\", "\\\\").replace('"', '\\"'))


def _line(name: str, value: str) -> str:
    return f'            add_header {name} "{value}" always;'
