"""Makes nginx's configuration, from the same headers and addresses as the WSGI layer."""

from dataclasses import dataclass
from pathlib import Path

from newsroom.edition import headers, paths

NOTICE = "Made by `./dev manage edition_nginx` from nginx.conf.in. Change that, not this."
FRONT = """    ssl_protocols TLSv1.2 TLSv1.3;
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
            root /var/www/acme;
        }
        location / {
            return 301 https://$host$request_uri;
        }
    }

"""
LISTEN = """        listen 443 ssl;
        listen [::]:443 ssl;
        http2 on;
        server_name @NAME@;
        ssl_certificate /etc/letsencrypt/live/@NAME@/fullchain.pem;
        ssl_certificate_key /etc/letsencrypt/live/@NAME@/privkey.pem;"""


@dataclass(frozen=True)
class Site:
    """The addresses, folders and names of one machine; the defaults are those of deploy/."""

    name: str = "example.org"
    application: str = "127.0.0.1:8000"
    state: str = "/var/lib/streetlight"
    static: str = "/opt/streetlight/static-built"
    temporary: str = "/run/nginx"
    error_log: str = "/var/log/nginx/error.log"
    process: str = "user www-data;\nworker_processes auto;\npid /run/nginx.pid;"
    extra: str = "/etc/nginx/streetlight.d/*.conf"
    plain: str = ""  # an address to listen on without TLS, for trials


def configuration(template: Path, site: Site) -> str:
    """Return the text of the configuration file for a site."""
    text = template.read_text(encoding="utf-8")
    common = [_field(*field) for field in headers.common(https=not site.plain)]
    kinds = {name: value.partition(";")[0] for name, value in headers.TYPES.items()}
    values = {
        "NOTICE": NOTICE,
        "FRONT": "" if site.plain else FRONT,
        "LISTEN": f"        listen {site.plain};" if site.plain else LISTEN,
        "COMMON": "\n".join(common),
        "HEADERS": "\n".join([*common, _field("X-Edition", "$edition_number")]),
        "TYPES": " ".join(f"{kind} {name};" for name, kind in kinds.items()),
        "CHARSET_TYPES": " ".join(kind for kind in kinds.values() if kind != "text/html"),  # which always has one
        "FILES": "|".join(paths.FILES),
        "NAME": site.name,
        "APPLICATION": site.application,
        "STATE": site.state,
        "STATIC": site.static,
        "TEMPORARY": site.temporary,
        "ERROR_LOG": site.error_log,
        "EXTRA": site.extra,
        "PROCESS": site.process,
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _field(name: str, value: str) -> str:
    return f'            add_header {name} "{value}" always;'
