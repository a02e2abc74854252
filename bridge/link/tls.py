"""TLS towards a T-Server: trusted authorities, the bridge's own certificate, and reasons of failures."""

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

_VERIFICATION_ERRORS = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is signed by itself, and not trusted",
    19: "it is signed by somebody who is not trusted",
    20: "it is signed by somebody who is not trusted",
    21: "it is signed by somebody who is not trusted",
    23: "it was revoked",
    26: "it is not a server's certificate",
}
"""OpenSSL's verification errors by X509_V_ERR_* number."""


class LinkTlsFileError(Exception):
    """A file of certificates or of a key cannot be used; the text names it and the key of the site file."""


class Trust:
    """The authorities that the bridge trusts, and its own certificate.

    Args:
        ca: a file of the authorities that may have signed a T-Server's certificate; None for those that the
            machine trusts.
        certificate: a file with the bridge's certificate and its intermediate certificates, for T-Servers
            that ask for one. Only with `key`.
        key: the file of the certificate's key.

    All files are in PEM. TLS is 1.2 or later.

    Raises:
        LinkTlsFileError: a file is missing, is not in PEM, or the key does not fit the certificate.

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
            self._use_certificate(certificate, key)

    def connection_creator(self, host: str) -> "ConnectionCreator":
        """Return a creator of TLS connections; the T-Server's certificate must be for `host`."""
        return ConnectionCreator(self._context, host)

    def _use_certificate(self, certificate: Path, key: Path) -> None:
        first, *others = _certificates("client_certificate", certificate)
        self._context.use_certificate(first)
        for other in others:
            self._context.add_extra_chain_cert(other)
        try:
            private_key = load_pem_private_key(_read("client_key", key), None)
        except (ValueError, TypeError):
            text = f"client_key: {key} is not a private key in PEM without a passphrase"
            raise LinkTlsFileError(text) from None
        try:
            self._context.use_privatekey(private_key)  # type: ignore[arg-type] # what it is not for, it refuses
            self._context.check_privatekey()
        except (SSL.Error, TypeError):
            text = f"client_key: {key} is not the key of the certificate in {certificate}"
            raise LinkTlsFileError(text) from None


@implementer(IOpenSSLClientConnectionCreator)
class ConnectionCreator:
    """Makes TLS connections to one host, and keeps why the last certificate was not accepted.

    Twisted's own creator does not keep the reason.
    """

    def __init__(self, context: SSL.Context, host: str) -> None:
        self._context = context
        self._host = host
        self._is_name = not (isIPAddress(host) or isIPv6Address(host))
        self._verification_error = ""

    def clientConnectionForTLS(self, _: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802 (Twisted's name)
        """Return the OpenSSL side of a connection."""
        self._verification_error = ""
        connection = SSL.Connection(self._context, None)
        if self._is_name:
            connection.set_tlsext_host_name(self._host.encode("idna"))
        connection.set_verify(SSL.VERIFY_PEER, self._verify_callback)
        return connection

    def explain_failure(self, failure: Failure) -> str:
        """Return why there is no connection, to be shown to users."""
        if self._verification_error:
            return f"TLS: the certificate of the T-Server is not accepted: {self._verification_error}"
        error = failure.value
        if isinstance(error, SSL.Error):
            ssl_errors = error.args[0] if error.args else []
            texts = "; ".join(ssl_error[-1] for ssl_error in ssl_errors) or "the connection was closed"
            return f"TLS: {texts}"
        return failure.getErrorMessage()

    def _verify_callback(
        self, _: SSL.Connection, certificate: crypto.X509, number: int, depth: int, is_valid: int
    ) -> bool:
        if not is_valid:
            self._verification_error = _VERIFICATION_ERRORS.get(number, f"OpenSSL's X509_V_ERR {number}")
            return False
        if depth > 0:
            return True
        verify = verify_certificate_hostname if self._is_name else verify_certificate_ip_address
        try:
            verify(certificate.to_cryptography(), self._host)
        except (VerificationError, CertificateError):
            self._verification_error = f"it is not for {self._host}"
        return not self._verification_error


def _read(field: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LinkTlsFileError(f"{field}: {file} cannot be read: {reason}") from None


def _certificates(field: str, file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(field, file))
    except ValueError:
        raise LinkTlsFileError(f"{field}: {file} is not a file of certificates in PEM") from None
