"""The settings of the door, as a person gives them: flags, environment, file."""

import argparse
from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode

from bridge.api.security.policy import AccessPolicy, SameSite, normalize_origin

_DEFAULTS: Final = AccessPolicy()


class AccessSettings(BaseSettings):
    """What `AccessPolicy` is made of."""

    external_url: str | None = None
    session_idle: Annotated[int, Field(ge=1, le=30 * 86400)] = _DEFAULTS.session_idle
    session_max: Annotated[int, Field(ge=1, le=30 * 86400)] = _DEFAULTS.session_max
    same_site: SameSite = _DEFAULTS.same_site
    csrf: bool = _DEFAULTS.csrf
    csrf_cometd: bool = _DEFAULTS.csrf_cometd
    allowed_origin: Annotated[tuple[str, ...], NoDecode] = _DEFAULTS.allowed_origins
    lockout_after: Annotated[int, Field(ge=0, le=1000)] = _DEFAULTS.lockout_after
    lockout_seconds: Annotated[int, Field(ge=1, le=900)] = _DEFAULTS.lockout_seconds
    attempts_per_address: Annotated[int, Field(ge=0, le=100_000)] = _DEFAULTS.attempts_per_address

    @field_validator("external_url")
    @classmethod
    def _check_external_url(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                normalize_origin("/".join(value.split("/")[:3]))
            except ValueError:
                raise PydanticCustomError(
                    "address", "expected http://HOST[:PORT] or https://HOST[:PORT]"
                ) from None
        return value

    @field_validator("same_site", mode="before")
    @classmethod
    def _to_lowercase(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("same_site")
    @classmethod
    def _none_needs_https(cls, value: SameSite, info: ValidationInfo) -> SameSite:
        if value == "none" and not (info.data.get("external_url") or "").lower().startswith("https:"):
            text = "browsers take a cookie with none only from https: give an external_url that is"
            raise PydanticCustomError("same_site", text)
        return value

    @field_validator("csrf_cometd")
    @classmethod
    def _needs_csrf(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 (a validator's signature)
        if value and not info.data.get("csrf"):
            raise PydanticCustomError("csrf_cometd", "has no use without csrf, which gives the token")
        return value

    @field_validator("allowed_origin", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Take several origins as one text, as an environment variable gives them."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("allowed_origin")
    @classmethod
    def _normalize_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(map(normalize_origin, value))
        except ValueError as error:
            raise PydanticCustomError("origin", "{text}", {"text": str(error)}) from None

    @property
    def access(self) -> AccessPolicy:
        """What is asked of those who come in."""
        return AccessPolicy(
            session_idle=self.session_idle,
            session_max=self.session_max,
            same_site=self.same_site,
            csrf=self.csrf,
            csrf_cometd=self.csrf_cometd,
            allowed_origins=self.allowed_origin,
            lockout_after=self.lockout_after,
            lockout_seconds=self.lockout_seconds,
            attempts_per_address=self.attempts_per_address,
        )


def add_security_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of these settings, but for `--external-url`, which is not only the door's."""
    flags = parser.add_argument_group("who may come in")
    flags.add_argument(
        "--session-idle",
        type=int,
        metavar="SECONDS",
        help="after how long without a request an HTTP session ends (1800)",
    )
    flags.add_argument(
        "--session-max", type=int, metavar="SECONDS", help="how long an HTTP session lasts at most (43200)"
    )
    flags.add_argument(
        "--same-site",
        metavar="lax|strict|none",
        help="to which sites' pages browsers send the session's cookie (lax); none needs https",
    )
    flags.add_argument(
        "--csrf",
        action="store_true",
        default=None,
        help="ask for the token of X-CSRF-TOKEN with POST, PUT and DELETE",
    )
    flags.add_argument(
        "--csrf-cometd", action="store_true", default=None, help="ask for it on CometD requests, too"
    )
    flags.add_argument(
        "--allowed-origin",
        action="append",
        metavar="ORIGIN",
        help="another origin whose pages may use the API, such as https://desk.example; * lets all others "
        "read, without cookies",
    )
    flags.add_argument(
        "--lockout-after",
        type=int,
        metavar="COUNT",
        help="wrong passwords in a row after which a user name is locked (5); 0 is never",
    )
    flags.add_argument(
        "--lockout-seconds",
        type=int,
        metavar="SECONDS",
        help="how long the first lock lasts (30); each further wrong password doubles it, up to 900",
    )
    flags.add_argument(
        "--attempts-per-address",
        type=int,
        metavar="COUNT",
        help="wrong passwords a minute that one network address may send (30); 0 is any number",
    )
