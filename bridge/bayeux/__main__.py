"""`python -m bridge.bayeux`: CometD's little chat, to try the server out, and to measure it.

Serves `/cometd`, a page at `/`, and `POST /inject` for this machine.
"""

import argparse
import gc
import importlib.resources
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.bayeux.application import Application
from bridge.bayeux.chat import Chat
from bridge.bayeux.core.context import Transport
from bridge.bayeux.core.options import Options
from bridge.bayeux.injection import InjectHandler
from bridge.bayeux.serving import serve
from bridge.runtime.http.short import Exchange, ShortHandler

_PORT = 8088
_DEFAULTS = Options(transports=tuple(Transport))


class _ChatParser(argparse.ArgumentParser):
    """A parser of flags whose errors are one line, and exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help tells more)\n")


def build(options: Options) -> tuple[Application, ASGIApp, ShortHandler]:
    """Return the CometD server of the chat, the application around it, and the short way to both."""
    cometd = Application(options, allowed_origins=["*"])
    Chat(cometd)
    page = importlib.resources.files("bridge.bayeux").joinpath("chat.html").read_text(encoding="utf-8")

    def show(_request: Request) -> Response:
        return HTMLResponse(page)

    inject, polls = InjectHandler(cometd.publish), cometd.short("/cometd")
    rest = Starlette(routes=[Route("/", show), Route("/inject", inject.handle, methods=["POST"])])

    def short(exchange: Exchange) -> bool:
        return inject.handle_exchange(exchange) if exchange.scope["path"] == "/inject" else polls(exchange)

    return cometd, cometd.wrap(rest, "/cometd"), short


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the chat until a signal stops it, and return the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        options = Options.from_mapping({**_from_json(environment), **dict(given.option)}, _DEFAULTS)
        port = given.port if given.port is not None else _port(environment.get("PORT") or str(_PORT))
    except (ValueError, argparse.ArgumentTypeError) as error:
        parser.error(str(error))
    cometd, app, short = build(options)
    try:
        serve(app, given.host, port, short=short, ready=_ready, stop=cometd.close)
    except OSError as error:
        print(f"{parser.prog}: cannot listen on {given.host}:{port}: {_reason(error)}", file=sys.stderr)  # noqa: T201 (for who started it)
        return 1
    return 0


def _parser() -> _ChatParser:
    parser = _ChatParser(
        prog="python -m bridge.bayeux", description="CometD's little chat on a Bayeux server."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port", type=_port, help=f"port to listen on (PORT, else {_PORT}); 0 takes a free one"
    )
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="an option by CometD's name, such as timeout=5000 or transports=long-polling; "
        "goes before those in OPTIONS, a JSON object",
    )
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:  # noqa: PLR2004 (the highest port)
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, not {text!r}")
    return name.strip(), value.strip()


def _from_json(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of the environment variable OPTIONS."""
    text = environment.get("OPTIONS") or "{}"
    try:
        options = json.loads(text)
    except (ValueError, RecursionError):
        options = None
    if not isinstance(options, dict):
        raise ValueError(f"OPTIONS in the environment must be a JSON object, not {text!r}")  # noqa: TRY004 (an error of the user)
    return options


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)


def _ready(url: str) -> None:
    """Print the address; then freeze the heap, which garbage collections leave out from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a thousand polls that come and go are half of that
    print(f"CometD chat: {url}  (CometD: {url}/cometd)", flush=True)  # noqa: T201 (for who started it)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
