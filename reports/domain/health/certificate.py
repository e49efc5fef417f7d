"""The certificate that visitors are shown: browsers refuse the whole site once it has ended."""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings

PATIENCE = 5  # seconds
SOON = timedelta(
    days=7
)  # before its end: certbot renews it a month before, so then something is wrong


@dataclass(frozen=True)
class Validity:
    """From when and until when a certificate is valid."""

    begins: datetime
    ends: datetime


def of_the_site() -> Validity | None:
    """Return the validity of the certificate with which this machine answers for the site; None where none does.

    Behind a balancer it is another machine's business. Whether it fits the site's name is for `doctor` to say.
    """
    if not settings.HTTPS:
        return None
    site = urlsplit(settings.SITE_ORIGIN)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # its dates are wanted just where it would be refused
    try:
        with (
            socket.create_connection(("127.0.0.1", site.port or 443), timeout=PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname=site.hostname) as secured,
        ):
            data = secured.getpeercert(binary_form=True)
    except OSError:
        return None
    if data is None:
        return None
    certificate = x509.load_der_x509_certificate(data)
    return Validity(certificate.not_valid_before_utc, certificate.not_valid_after_utc)
