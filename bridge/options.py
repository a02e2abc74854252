"""The options of a bridge that serves: what `bridge.app.serving` needs, each declared once, as a setting."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode

from bridge import bayeux, tservers
from bridge.api.security.policy import AccessPolicy, normalize_origin
from bridge.notifications import COMETD
from bridge.runtime.settings import DEMO_SITE, Flag, Port, setting_error

LOOPBACK: Final = "127.0.0.1"

KEEP_ALIVE_SECONDS: Final = 10
"""Seconds of silence on a link after which either side polls the other, unless `--keep-alive` is given."""

_LINKS: Final = "T-Servers"
_NOTIFICATIONS: Final = "notifications"


class ServeOptions(AccessPolicy):
    """The options of a bridge that serves. Each field is a setting, and so is each of the access policy."""

    site: Annotated[Path, Field(description="the site file"), Flag("FILE")] = DEMO_SITE
    host: Annotated[str, Field(description="address to listen on")] = LOOPBACK
    port: Annotated[Port, Field(description="port to listen on; 0 takes a free one")] = 8080
    external_url: Annotated[
        str | None, Field(description="the address that clients use, where it differs"), Flag("URL")
    ] = None
    database: Annotated[
        str | None,
        Field(
            repr=False,
            description="keep what is provisioned: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
        ),
        Flag("URL"),
    ] = None
    switch: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            description="where the T-Server of a switch is (tls:// for TLS; two with a comma between for a "
            "pair); without a name: of the site's first switch"
        ),
        Flag("[NAME=]tcp://HOST:PORT", _LINKS),
    ] = ()
    embedded_switch: Annotated[
        bool,
        Field(
            description="simulate the site's switches in this process (the default when no --switch is given)"
        ),
        Flag(group=_LINKS),
    ] = False
    keep_alive: Annotated[
        int,
        Field(
            ge=0,
            le=3600,
            description="after how much silence either side of a link asks for a sign of life; 0 is never",
        ),
        Flag("SECONDS", _LINKS),
    ] = KEEP_ALIVE_SECONDS
    wire: Annotated[
        Literal["msgpack", "json"],
        Field(description="how messages are written on the links; json is for reading"),
        Flag(group=_LINKS),
    ] = "msgpack"
    websocket: Annotated[
        bool,
        Field(description="offer notifications over WebSocket, too, which GWS does not"),
        Flag(group=_NOTIFICATIONS),
    ] = False
    cometd: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            description="an option of CometD by its name, such as timeout=30000 or maxInterval=10000 "
            "(milliseconds)"
        ),
        Flag("NAME=VALUE", _NOTIFICATIONS),
    ] = ()

    @field_validator("external_url")
    @classmethod
    def _check_external_url(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                normalize_origin("/".join(value.split("/")[:3]))
            except ValueError:
                raise setting_error(
                    "external_url", f"expected http://HOST[:PORT] or https://HOST[:PORT], got {value!r}"
                ) from None
        return value

    @field_validator("switch", "cometd", mode="before")
    @classmethod
    def _split_named(cls, value: object) -> object:
        """Split a text at its commas: an environment variable holds several values in one text.

        A part without a name belongs to the part before it: it is the backup of a pair, or another transport.
        """
        if not isinstance(value, str):
            return value
        found: list[str] = []
        for part in value.split(","):
            if found and "=" not in part:
                found[-1] += f",{part}"
            else:
                found.append(part)
        return found

    @field_validator("switch")
    @classmethod
    def _check_switch(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for switch in value:
            try:
                tservers.parse_switch(switch)
            except ValueError as error:
                raise setting_error("switch", f"{error}, got {switch!r}") from None
        return value

    @field_validator("cometd")
    @classmethod
    def _check_cometd(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for option in value:
            if "=" not in option:
                raise setting_error("cometd", f"expected NAME=VALUE, got {option!r}")
        try:
            bayeux.Options.from_mapping(_parse_pairs(value), COMETD)
        except ValueError as error:
            raise setting_error("cometd", str(error)) from None
        return value

    @model_validator(mode="after")
    def _none_needs_https(self) -> Self:
        if self.same_site == "none" and not (self.external_url or "").lower().startswith("https:"):
            text = "browsers take a cookie with none only from https: give an external_url that is"
            raise setting_error("same_site", text)
        return self

    @property
    def cometd_options(self) -> bayeux.Options:
        """The times and limits of CometD, with WebSocket first among the transports if it is offered."""
        options = bayeux.Options.from_mapping(_parse_pairs(self.cometd), COMETD)
        if not self.websocket:
            return options
        transports = dict.fromkeys((bayeux.Transport.WEBSOCKET, *options.transports))
        return replace(options, transports=tuple(transports))


def _parse_pairs(options: tuple[str, ...]) -> Mapping[str, str]:
    return {name.strip(): value.strip() for name, _, value in (option.partition("=") for option in options)}
