"""TLS towards clients: the T-Server's certificate, and the verification of client certificates.

A port has TLS for all its connections or for none; there is no upgrade within a connection (T-Server
deployment guides, secure ports).
"""

import re
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class ServerTlsFileError(Exception):
    """A file with certificates or a key cannot be used. The text names the file and the site file's key."""


@implementer(IOpenSSLServerConnectionCreator)
class ServerTlsContext:
    """Creates the OpenSSL side of connections for Twisted, from files in PEM.

    Args:
        certificate: the file with the T-Server's certificate and any intermediate certificates.
        key: the file with its private key.
        client_ca: the file with the authorities that sign client certificates; None: clients need none.

    Raises:
        ServerTlsFileError: a file is missing or not valid, or the key does not belong to the certificate.

    """

    def __init__(self, certificate: Path, key: Path, client_ca: Path | None) -> None:
        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)
        self._context.set_min_proto_version(SSL.TLS1_2_VERSION)
        self._context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        _check_certificates("certificate", certificate)
        self._context.use_certificate_chain_file(str(certificate))
        self._use_key(key, certificate)
        if client_ca is not None:
            _check_certificates("client_ca", client_ca)
            self._context.load_verify_locations(str(client_ca))
            self._context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)

    def _use_key(self, file: Path, certificate: Path) -> None:
        data = _read("key", file)
        try:
            key = load_pem_private_key(data, None)
        except (ValueError, TypeError):
            text = f"tls.key: {file} is not a private key in PEM without a passphrase"
            raise ServerTlsFileError(text) from None
        try:
            self._context.use_privatekey(key)  # type: ignore[arg-type] # OpenSSL accepts every kind of key
            self._context.check_privatekey()
        except SSL.Error:
            text = f"tls.key: {file} is not the key of the certificate in {certificate}"
            raise ServerTlsFileError(text) from None

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: ARG002, N802, N803 (Twisted's names)
        """Return the OpenSSL side of a new connection."""
        return SSL.Connection(self._context, None)


def tls_failure(reason: Failure) -> str | None:
    """Return why TLS failed; None if a connection ended for another reason."""
    error = reason.value
    if not isinstance(error, SSL.Error):
        return None
    errors = error.args[0] if error.args else ()
    return "; ".join(tls_failure[-1] for tls_failure in errors) or "the connection was closed"


def _read(field: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ServerTlsFileError(f"tls.{field}: {file} cannot be read: {reason}") from None


def _check_certificates(field: str, file: Path) -> None:
    found = _CERTIFICATE.findall(_read(field, file))
    try:
        for pem in found:
            x509.load_pem_x509_certificate(pem)
    except ValueError:
        found = []
    if not found:
        raise ServerTlsFileError(f"tls.{field}: {file} is not a file of certificates in PEM")
