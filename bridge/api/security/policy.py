"""The settings of access: sessions, cookies, CSRF, CORS and wrong passwords. The defaults suit tests.

Sources: GWS v2, CSRF Protection (off unless switched on); the Jetty and `crossOriginSettings` options of
Web Services for the rest, where they have a name there.
"""

import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from bridge.runtime.settings import Flag, setting_error

SameSite = Literal["lax", "strict", "none"]

ANY_ORIGIN: Final = "*"

_ORIGIN: Final = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?")
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}

_MONTH: Final = 30 * 86400
_GROUP: Final = "who may come in"
_SECONDS: Final = Flag("SECONDS", _GROUP)
_COUNT: Final = Flag("COUNT", _GROUP)


class AccessPolicy(BaseModel):
    """The access policy: sessions, cookies, CSRF, CORS and wrong passwords. Each field is a setting.

    `allowed_origins` holds origins as `normalize_origin` writes them; its setting is `allowed_origin`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    session_idle: Annotated[
        int,
        Field(ge=1, le=_MONTH, description="after how long without a request an HTTP session ends"),
        _SECONDS,
    ] = 1800
    session_max: Annotated[
        int, Field(ge=1, le=_MONTH, description="how long an HTTP session lasts at most"), _SECONDS
    ] = 43200
    same_site: Annotated[
        SameSite,
        Field(description="to which sites' pages browsers send the session's cookie; none needs https"),
        Flag(group=_GROUP),
    ] = "lax"
    csrf: Annotated[
        bool,
        Field(description="ask for the token of X-CSRF-TOKEN with POST, PUT and DELETE"),
        Flag(group=_GROUP),
    ] = False
    csrf_cometd: Annotated[
        bool, Field(description="ask for it on CometD requests, too"), Flag(group=_GROUP)
    ] = False
    allowed_origins: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            validation_alias="allowed_origin",
            description="another origin whose pages may use the API, such as https://desk.example; * lets "
            "all others read, without cookies",
        ),
        Flag("ORIGIN", _GROUP),
    ] = ()
    lockout_after: Annotated[
        int,
        Field(
            ge=0,
            le=1000,
            description="wrong passwords in a row after which a user name is locked; 0 is never",
        ),
        _COUNT,
    ] = 5
    lockout_seconds: Annotated[
        int,
        Field(
            ge=1,
            le=900,
            description="how long the first lock lasts; each further wrong password doubles it, up to 900",
        ),
        _SECONDS,
    ] = 30
    attempts_per_address: Annotated[
        int,
        Field(
            ge=0,
            le=100_000,
            description="wrong passwords a minute that one network address may send; 0 is any number",
        ),
        _COUNT,
    ] = 30

    @field_validator("same_site", mode="before")
    @classmethod
    def _to_lowercase(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("csrf_cometd")
    @classmethod
    def _needs_csrf(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 (a validator's signature)
        if value and not info.data.get("csrf"):
            raise setting_error("csrf_cometd", "has no use without csrf, which gives the token")
        return value

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        """Split a text at its commas: an environment variable holds several origins in one text."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _normalize_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(map(normalize_origin, value))
        except ValueError as error:
            raise setting_error("allowed_origin", str(error)) from None


def normalize_origin(text: str) -> str:
    """Return an origin as browsers write it: in lower case, without the default port of its scheme.

    Raises:
        ValueError: the text is neither an origin nor `*`; the message says what was expected.

    """
    if text == ANY_ORIGIN:
        return text
    match = _ORIGIN.fullmatch(text.lower())
    if match is None:
        raise ValueError(f"{text!r} is no origin: expected http://HOST[:PORT] without a path, or *")
    scheme, host, port = match.groups()
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"
