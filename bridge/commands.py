"""What the program `tserver-bridge` can do, and its settings."""

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode, SettingsConfigDict

from bridge import app
from bridge.api.security.settings import AccessSettings, add_security_flags
from bridge.directory import passwords
from bridge.runtime import logs, settings
from bridge.runtime.loop import CannotStartError, Runtime, freeze_heap, run
from bridge.runtime.sitefile import SiteFileError
from bridge.tlib.wire import WIRES


class BridgeSettings(AccessSettings):
    """The settings of `tserver-bridge serve`."""

    model_config = SettingsConfigDict(env_prefix="TSERVER_BRIDGE_")

    site: Path = settings.DEMO_SITE
    host: str = "127.0.0.1"
    port: settings.Port = 8080
    switch: Annotated[tuple[str, ...], NoDecode] = ()
    embedded_switch: bool = False
    keep_alive: Annotated[int, Field(ge=0, le=3600)] = app.KEEP_ALIVE_SECONDS
    database: str | None = Field(None, repr=False)
    websocket: bool = False
    cometd: Annotated[tuple[str, ...], NoDecode] = ()
    greeting: Path | None = None
    log_level: settings.Level = "info"
    wire: Literal["msgpack", "json"] = "msgpack"

    @field_validator("switch", "cometd", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Take several switches, or options, as one text, as an environment variable gives them.

        What follows a comma without a name is the other T-Server of a pair, or another transport.
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

    @field_validator("cometd")
    @classmethod
    def _check_options(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for option in value:
            if "=" not in option:
                raise PydanticCustomError("option", "expected NAME=VALUE, not '{one}'", {"one": option})
        try:
            app.cometd_options(_parse_pairs(value), websocket=False)
        except ValueError as error:
            raise PydanticCustomError("option", "{text}", {"text": str(error)}) from None
        return value

    @property
    def serve_options(self) -> app.ServeOptions:
        """Where the bridge is to stand."""
        return app.ServeOptions(
            self.site,
            self.host,
            self.port,
            self.switch,
            self.embedded_switch,
            self.external_url,
            self.keep_alive,
            self.access,
            self.database,
            app.cometd_options(_parse_pairs(self.cometd), websocket=self.websocket),
            WIRES[self.wire],
        )


def _parse_pairs(options: Sequence[str]) -> dict[str, str]:
    """Part names from values."""
    return {name.strip(): value.strip() for name, _, value in (option.partition("=") for option in options)}


async def _serve(chosen_settings: BridgeSettings, runtime: Runtime) -> None:
    greeting = _greeting(chosen_settings.greeting)
    async with app.serving(chosen_settings.serve_options, runtime) as running:
        freeze_heap()
        print(greeting.replace("{url}", running.url), end="", flush=True)  # noqa: T201 (for the person who started it)
        await runtime.stop.wait()


def _greeting(file: Path | None) -> str:
    if file is None:
        return "tserver-bridge: {url}/api/v2  (API page: {url}/docs)\n"
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStartError(f"cannot read the greeting: {error}") from None


def _parser() -> settings.Parser:
    parser = settings.Parser(
        prog="tserver-bridge", description="A GWS v2 voice API and CometD server in front of T-Servers."
    )
    parser.add_argument("--version", action="version", version=app.VERSION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the GWS v2 API and CometD in front of T-Servers")
    serve.add_argument(
        "--config", type=Path, help="settings in YAML; the environment and flags go before them"
    )
    serve.add_argument("--site", type=Path, help="the site file (deploy/sites/demo.yaml)")
    serve.add_argument("--host", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (8080); 0 takes a free one")
    serve.add_argument(
        "--switch",
        action="append",
        metavar="[NAME=]tcp://HOST:PORT",
        help="where the T-Server of a switch is (tls:// for TLS; two with a comma between for a pair); "
        "without a name: of the site's first switch",
    )
    serve.add_argument(
        "--embedded-switch",
        action="store_true",
        default=None,
        help="simulate the site's switches in this process (the default when no --switch is given)",
    )
    serve.add_argument("--external-url", help="the address that clients use, where it differs")
    serve.add_argument(
        "--keep-alive",
        type=int,
        metavar="SECONDS",
        help="after how much silence either side of a link asks for a sign of life (10); 0 is never",
    )
    add_security_flags(serve)
    serve.add_argument(
        "--database",
        metavar="URL",
        help="keep what is provisioned: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
    )
    serve.add_argument(
        "--websocket",
        action="store_true",
        default=None,
        help="offer notifications over WebSocket, too, which GWS does not",
    )
    serve.add_argument(
        "--cometd",
        action="append",
        metavar="NAME=VALUE",
        help="an option of CometD by its name, such as timeout=30000 or maxInterval=10000 (milliseconds)",
    )
    serve.add_argument("--greeting", type=Path, help="a text to print once it serves; {url} is its address")
    serve.add_argument(
        "--wire",
        choices=tuple(WIRES),
        help="how messages are written on the links (msgpack); json is for reading",
    )
    serve.add_argument("--log-level", choices=logs.LEVELS)
    commands.add_parser("hash-password", help="make the hash of a password for the site file")
    return parser


def _hash_password() -> None:
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        raise CannotStartError("no password was given")
    print(passwords.hash_password(password))  # noqa: T201 (the result)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    given = vars(_parser().parse_args(arguments))
    try:
        if given.pop("command") == "hash-password":
            _hash_password()
            return 0
        chosen_settings = settings.load(BridgeSettings, given, given.pop("config"))
        logs.configure(chosen_settings.log_level)
        run(lambda runtime: _serve(chosen_settings, runtime))
    except (CannotStartError, SiteFileError) as error:
        print(f"tserver-bridge: {error}", file=sys.stderr)  # noqa: T201 (what the program says to its user)
        return 1
    return 0
