"""The options of a server; the names, meanings and defaults are CometD's where CometD has them."""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from types import MappingProxyType
from typing import Literal

from bridge.bayeux.core.context import Transport

_ANY = -1  # what CometD writes for "no limit"
_LEAST = {  # of the numbers that make sense; of all others 1
    "timeout": 0,
    "interval": 0,
    "max_sessions_per_browser": _ANY,
    "multi_session_interval": _ANY,
    "browser_cookie_max_age": _ANY,
    "max_queue": _ANY,
}
_PREFIXES = {  # of options for one transport: CometD's long and short names
    "websocket": Transport.WEBSOCKET,
    "ws": Transport.WEBSOCKET,
    "long-polling": Transport.LONG_POLLING,
    "long-polling.json": Transport.LONG_POLLING,
    "callback-polling": Transport.CALLBACK_POLLING,
    "long-polling.jsonp": Transport.CALLBACK_POLLING,
}
_PER_TRANSPORT = "metaConnectDeliverOnly"
_TRUTH = {"true": True, "false": False}
_COOKIE_PART = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_COOKIE_ATTRIBUTE = re.compile(r"[^;,\x00-\x20\x7f-\U0010ffff]+")

SameSite = Literal["Strict", "Lax", "None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Times in milliseconds, sizes in bytes; -1 is "no limit" where CometD has it so.

    Attributes:
        transports: the transports offered to clients, in this order.
        timeout: how long a connect is held when nothing happens; proxies must allow more.
        interval: how long clients shall wait between two connects.
        max_interval: how much longer than `interval` a session lives without a connect being held.
        sweep_period: how often sessions that outlived that are looked for.
        max_sessions_per_browser: connects that one browser (one cookie) may have held at the same time.
        multi_session_interval: how long a client over that limit shall wait between its connects; 0 or
            less: it shall stop.
        trust_client_session: do without the browser cookie as a proof that a session is the sender's own.
        browser_cookie_name: the cookie that tells browsers apart; not used for authenticated users.
        browser_cookie_domain: its `Domain`; None is the host that answers.
        browser_cookie_path: its `Path`.
        browser_cookie_max_age: its `Max-Age` in seconds; -1: until the browser is closed.
        browser_cookie_secure: sent over TLS only.
        browser_cookie_http_only: kept from scripts.
        browser_cookie_same_site: `Strict`, `Lax` or `None`.
        browser_cookie_partitioned: kept apart for each site that embeds the page.
        broadcast_to_publisher: the publisher gets the event too, if subscribed.
        meta_connect_deliver_only: events travel on answers to connects alone.
        meta_connect_deliver_only_over: the same for single transports, which goes before.
        allow_message_delivery_during_handshake: events may follow the answer to the handshake.
        require_handshake_per_connection: a session cannot be carried over to another socket.
        max_message_size: the longest request body, or message of a socket, that is read.
        max_queue: events one session may have waiting; one more ends the session.
        max_queue_bytes: bytes of events one session may have waiting; one more ends the session.
        max_subscriptions: different channels and patterns one session may subscribe to.
        max_sessions_per_user: sessions one user may have; the next handshake is refused.
        callback_parameter: the query parameter that names the callback (callback-polling).
        callback_parameter_max_length: characters that name may have.
        timestamp: whether messages to clients bear the time.

    Raises:
        ValueError: an option has a wrong value; the text names it in CometD's spelling.

    """

    transports: tuple[Transport, ...] = (Transport.LONG_POLLING, Transport.CALLBACK_POLLING)
    timeout: int = 30_000
    interval: int = 0
    max_interval: int = 10_000
    sweep_period: int = 997
    max_sessions_per_browser: int = 1
    multi_session_interval: int = 2_000
    trust_client_session: bool = False
    browser_cookie_name: str = "BAYEUX_BROWSER"
    browser_cookie_domain: str | None = None
    browser_cookie_path: str = "/"
    browser_cookie_max_age: int = _ANY
    browser_cookie_secure: bool = False
    browser_cookie_http_only: bool = True
    browser_cookie_same_site: SameSite | None = None
    browser_cookie_partitioned: bool = False
    broadcast_to_publisher: bool = True
    meta_connect_deliver_only: bool = False
    meta_connect_deliver_only_over: Mapping[Transport, bool] = field(
        default_factory=lambda: MappingProxyType({})
    )
    allow_message_delivery_during_handshake: bool = False
    require_handshake_per_connection: bool = False
    max_message_size: int = 65_536
    max_queue: int = 1_000
    max_queue_bytes: int = 1_048_576
    max_subscriptions: int = 100
    max_sessions_per_user: int = 1_000
    callback_parameter: str = "jsonp"
    callback_parameter_max_length: int = 64
    timestamp: bool = False

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.type is int and value < (least := _LEAST.get(one.name, 1)):
                raise ValueError(f"{_name(one.name)} must be at least {least}, not {value}")
        if not self.transports:
            raise ValueError("transports must name at least one transport")
        _check("browserCookieName", self.browser_cookie_name, _COOKIE_PART)
        _check("browserCookiePath", self.browser_cookie_path, _COOKIE_ATTRIBUTE)
        if self.browser_cookie_domain is not None:
            _check("browserCookieDomain", self.browser_cookie_domain, _COOKIE_ATTRIBUTE)
        if self.browser_cookie_same_site == "None" and not self.browser_cookie_secure:
            raise ValueError(
                "browserCookieSameSite None needs browserCookieSecure: browsers refuse it otherwise"
            )

    @classmethod
    def from_mapping(cls, given: Mapping[str, object], base: "Options | None" = None) -> "Options":
        """Read options by CometD's names, `maxInterval` or `long-polling.metaConnectDeliverOnly`.

        Values may be text, as flags and the environment give them: `"5000"`, `"true"`.

        Args:
            given: names and values.
            base: the options that `given` changes; None: the defaults.

        Raises:
            ValueError: there is no such option, or the value is wrong.

        """
        known = {_name(one.name): one for one in fields(cls) if one.name != _OVER}
        base = base or cls()
        found: dict[str, object] = {one.name: getattr(base, one.name) for one in fields(cls)}
        over = dict(base.meta_connect_deliver_only_over)
        for name, value in given.items():
            prefix, _, last = name.rpartition(".")
            if name in known:
                found[known[name].name] = _read(name, known[name], value)
            elif last == _PER_TRANSPORT and prefix in _PREFIXES:
                over[_PREFIXES[prefix]] = _truth(name, value)
            else:
                raise ValueError(f"there is no option {name!r}; there are {', '.join(sorted(known))}")
        found[_OVER] = MappingProxyType(over)
        return cls(**found)  # type: ignore[arg-type]  # each was read by its type

    def only_connects_deliver(self, transport: Transport) -> bool:
        """Return whether, over this transport, events travel on answers to connects alone."""
        return self.meta_connect_deliver_only_over.get(transport, self.meta_connect_deliver_only)

    @property
    def lifetime_seconds(self) -> float:
        """Seconds a session lives while none of its connects is held (CometD reference, `maxInterval`)."""
        return (self.interval + self.max_interval) / 1000


_OVER = "meta_connect_deliver_only_over"


def _name(attribute: str) -> str:
    """Return an attribute's name in CometD's spelling."""
    first, *others = attribute.split("_")
    return first + "".join(other.capitalize() for other in others)


def _check(name: str, value: str, form: re.Pattern[str]) -> None:
    if not form.fullmatch(value):
        raise ValueError(f"{name} cannot be {value!r}")


def _read(name: str, option: "Field[object]", value: object) -> object:
    """Return a value, converted to the type of its option."""
    if option.type is bool:
        return _truth(name, value)
    if option.type is int:
        return _number(name, value)
    if option.name == "transports":
        return _transports(name, value)
    if option.name == "browser_cookie_same_site":
        return _choice(name, value)
    if value is None and option.default is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text, not {value!r}")  # noqa: TRY004 (as for any other value)
    return value


def _truth(name: str, value: object) -> bool:
    if isinstance(value, str):
        value = _TRUTH.get(value.lower(), value)
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, not {value!r}")  # noqa: TRY004 (as for any other value)
    return value


def _number(name: str, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} must be a whole number, not {value!r}")  # noqa: TRY004 (as for any other value)
    return value


def _transports(name: str, value: object) -> tuple[Transport, ...]:
    names = value.split(",") if isinstance(value, str) else value
    known = {one.value: one for one in Transport}
    if not isinstance(names, list | tuple) or any(not isinstance(one, str) for one in names):
        raise ValueError(f"{name} must be names with commas between, not {value!r}")
    chosen = [one.strip() for one in names]
    unknown = [one for one in chosen if one not in known]
    if unknown:
        raise ValueError(f"{name} cannot be {unknown[0]!r}; there are {', '.join(known)}")
    return tuple(dict.fromkeys(known[one] for one in chosen))


def _choice(name: str, value: object) -> str | None:
    choices = {"strict": "Strict", "lax": "Lax", "none": "None"}
    if value is None:
        return None
    if not isinstance(value, str) or value.lower() not in choices:
        raise ValueError(f"{name} must be Strict, Lax or None, not {value!r}")
    return choices[value.lower()]
