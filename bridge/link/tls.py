"""TLS towards a T-Server: whom the bridge trusts, what it shows of itself, and why it came to nothing."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL, crypto
from service_identity import CertificateError, VerificationError
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

_FAULTS = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is signed by itself, and not trusted",
    19: "it is signed by somebody who is not trusted",
    20: "it is signed by somebody who is not trusted",
    21: "it is signed by somebody who is not trusted",
    23: "it was revoked",
    26: "it is not a server's certificate",
}
"""What OpenSSL has against a certificate, by the numbers of X509_V_ERR_*."""


class BadFileError(Exception):
    """A file of certificates or with a key cannot be used; the text names it and the key of the site file."""


class Trust:
    """Whom the bridge trusts, and what it shows of itself.

    Args:
        ca: a file of those who may have signed a T-Server's certificate; None for those whom the machine
            trusts.
        certificate: a file with the bridge's certificate, for T-Servers that ask for one, and with what
            stands between it and an authority that they know. Only with `key`.
        key: the file of its key.

    All files are in PEM. TLS is 1.2 or later.

    Raises:
        BadFileError: a file is missing, is not what it should be, or does not fit the other.

    """

    def __init__(
        self, ca: Path | None = None, certificate: Path | None = None, key: Path | None = None
    ) -> None:
        self._context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        self._context.set_min_proto_version(SSL.TLS1_2_VERSION)
        if ca is None:
            self._context.set_default_verify_paths()
        else:
            _certificates("ca", ca)
            self._context.load_verify_locations(str(ca))
        if certificate is not None and key is not None:
            self._show(certificate, key)

    def creator(self, host: str) -> "Creator":
        """Make what Twisted makes connections with; the T-Server's certificate must be for `host`."""
        return Creator(self._context, host)

    def _show(self, certificate: Path, key: Path) -> None:
        first, *others = _certificates("client_certificate", certificate)
        self._context.use_certificate(first)
        for other in others:
            self._context.add_extra_chain_cert(other)
        try:
            secret = load_pem_private_key(_read("client_key", key), None)
        except (ValueError, TypeError):
            text = f"client_key: {key} is not a private key in PEM without a passphrase"
            raise BadFileError(text) from None
        try:
            self._context.use_privatekey(secret)  # type: ignore[arg-type] # what it is not for, it refuses
            self._context.check_privatekey()
        except (SSL.Error, TypeError):
            text = f"client_key: {key} is not the key of the certificate in {certificate}"
            raise BadFileError(text) from None


@implementer(IOpenSSLClientConnectionCreator)
class Creator:
    """Makes connections to one host, one after the other; it knows what was wrong with the last certificate.

    Twisted's own creator does not tell.
    """

    def __init__(self, context: SSL.Context, host: str) -> None:
        self._context = context
        self._host = host
        self._is_name = not (isIPAddress(host) or isIPv6Address(host))
        self._fault = ""

    def clientConnectionForTLS(self, _: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802 (Twisted's name)
        """Make the OpenSSL side of a connection."""
        self._fault = ""
        connection = SSL.Connection(self._context, None)
        if self._is_name:
            connection.set_tlsext_host_name(self._host.encode("idna"))
        connection.set_verify(SSL.VERIFY_PEER, self._judge)
        return connection

    def why(self, failure: Failure) -> str:
        """Say why there is no connection, in words for people."""
        if self._fault:
            return f"TLS: the certificate of the T-Server is not accepted: {self._fault}"
        error = failure.value
        if isinstance(error, SSL.Error):
            faults = error.args[0] if error.args else []
            texts = "; ".join(fault[-1] for fault in faults) or "the connection was closed"
            return f"TLS: {texts}"
        return failure.getErrorMessage()

    def _judge(self, _: SSL.Connection, shown: crypto.X509, number: int, depth: int, good: int) -> bool:
        if not good:
            self._fault = _FAULTS.get(number, f"OpenSSL's X509_V_ERR {number}")
            return False
        if depth > 0:
            return True
        verify = verify_certificate_hostname if self._is_name else verify_certificate_ip_address
        try:
            verify(shown.to_cryptography(), self._host)
        except (VerificationError, CertificateError):
            self._fault = f"it is not for {self._host}"
        return not self._fault


def _read(field: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadFileError(f"{field}: {file} cannot be read: {reason}") from None


def _certificates(field: str, file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(field, file))
    except ValueError:
        raise BadFileError(f"{field}: {file} is not a file of certificates in PEM") from None
