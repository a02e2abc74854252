"""The one loop of a test process, with Twisted's reactor over it.

Tests that need real sockets are ordinary functions: `run(coroutine)` carries them out. Connect to
addresses such as 127.0.0.1: Twisted looks up names in threads, and here the reactor has none.
"""

import asyncio
import atexit
import functools
from collections.abc import Coroutine
from typing import TypeVar

from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from bridge.runtime.loop import install_reactor

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds after which a coroutine counts as stuck; no test waits for this on its way to success."""


@functools.cache
def _installed() -> tuple[asyncio.AbstractEventLoop, AsyncioSelectorReactor]:
    loop, reactor = install_reactor()
    atexit.register(loop.close)
    return loop, reactor


def reactor() -> AsyncioSelectorReactor:
    """Return the reactor of this test process."""
    return _installed()[1]


def loop() -> asyncio.AbstractEventLoop:
    """Return the loop of this test process."""
    return _installed()[0]


def run(coroutine: Coroutine[object, object, T], patience: float = PATIENCE) -> T:
    """Run a coroutine to its end on the loop of this test process.

    Raises:
        TimeoutError: it is stuck.

    """
    return loop().run_until_complete(asyncio.wait_for(coroutine, patience))
