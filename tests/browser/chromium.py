"""A real browser, without a screen: Chromium, driven over its DevTools protocol."""

import asyncio
import contextlib
import itertools
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

FLAGS = (
    "--headless",
    "--no-sandbox",  # which needs privileges that containers do not give
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
)


class Page:
    """A page that tells what happens in it: it calls `tell` with JSON objects that have a channel."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._messages: defaultdict[str, asyncio.Queue[dict[str, Any]]] = defaultdict(asyncio.Queue)
        self._session: str | None = None
        self._reading = asyncio.create_task(self._read())

    async def opens(self, url: str) -> None:
        """Open a page and wait until it tells that it is there."""
        target = await self._asks("Target.createTarget", url="about:blank")
        attached = await self._asks("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        await self._asks("Runtime.enable")
        await self._asks("Runtime.addBinding", name="tell")
        await self._asks("Page.navigate", url=url)
        await self.receives("page")

    async def does(self, command: str, *arguments: object) -> Any:
        """Let the page do something that it has in `desk`, and return what comes of it."""
        call = f"desk.{command}({', '.join(map(json.dumps, arguments))})"
        answer = await self._asks("Runtime.evaluate", expression=call, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def receives(self, channel: str) -> dict[str, Any]:
        """Return the next that the page was told on a channel.

        Raises:
            AssertionError: a script of the page has failed.

        """
        return await self._unless_it_fails(asyncio.create_task(self._messages[channel].get()))

    async def closes(self) -> None:
        """Let go of the browser."""
        self._reading.cancel()
        await asyncio.wait((self._reading,))

    async def _asks(self, method: str, **parameters: object) -> dict[str, Any]:
        number = next(self._ids)
        question: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            question["sessionId"] = self._session
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps(question))
        return await self._unless_it_fails(answer)

    async def _unless_it_fails(self, wanted: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        try:
            await asyncio.wait((wanted, self._reading), return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                self._reading.result()
            return wanted.result()
        finally:
            wanted.cancel()

    async def _read(self) -> None:
        async for text in self._connection:
            message = json.loads(text)
            if "id" in message:
                assert "error" not in message, message
                self._answers.pop(message["id"]).set_result(message["result"])
            elif message["method"] == "Runtime.bindingCalled":
                message_from_page = json.loads(message["params"]["payload"])
                self._messages[message_from_page["channel"]].put_nowait(message_from_page)
            elif message["method"] == "Runtime.exceptionThrown":
                raise AssertionError(message["params"]["exceptionDetails"])
        raise EOFError("the browser has gone")


@asynccontextmanager
async def page(program: Path, folder: Path, url: str) -> AsyncIterator[Page]:
    """Open a page in a browser of its own, which keeps its files in a folder; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        program,
        *FLAGS,
        f"--user-data-dir={folder}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
    )
    assert process.stderr is not None
    try:
        printed = ""
        while not (found := re.search(r"DevTools listening on (ws://\S+)", printed)):
            line = await process.stderr.readline()
            assert line, f"Chromium ended: {printed}"
            printed += line.decode()
        reading_on = asyncio.create_task(process.stderr.read())
        async with connect(found[1], max_size=None, proxy=None) as connection:
            one = Page(connection)
            try:
                await one.opens(url)
                yield one
            finally:
                await one.closes()
        process.terminate()
        await reading_on
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()
