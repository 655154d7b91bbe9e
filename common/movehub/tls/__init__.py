"""Certificates and TLS contexts (Annex V of both regulations).

* `Credentials` are the files of one party. `client_context` and `server_context` make TLS contexts of them.
* `check` and `refuse_lapsed` say what is wrong with a certificate, `expiries` says how long it lasts.
* `make_request` makes a key and the request for a certificate.
* `Certificate` and `Name` are the facts of one certificate, read as leniently as OpenSSL does.
* `WatchedCertificate` follows renewed files without a restart.
"""

from .certificate import Certificate
from .checks import Use, check, refuse_lapsed
from .contexts import client_context, server_context
from .credentials import Contents, Credentials, PassPhrase, read_certificates, read_key
from .expiry import Expiry, expiries, expiries_of
from .findings import Finding, Severity
from .names import Name
from .reload import Contexts, WatchedCertificate
from .signing_request import FEWEST_BITS, Subject, make_request

__all__ = [
    "FEWEST_BITS",
    "Certificate",
    "Contents",
    "Contexts",
    "Credentials",
    "Expiry",
    "Finding",
    "Name",
    "PassPhrase",
    "Severity",
    "Subject",
    "Use",
    "WatchedCertificate",
    "check",
    "client_context",
    "expiries",
    "expiries_of",
    "make_request",
    "read_certificates",
    "read_key",
    "refuse_lapsed",
    "server_context",
]
