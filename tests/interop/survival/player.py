"""Who plays: users at their desktops, and a CTI application that works on the calls behind their backs."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from bridge.tlib import messages as m
from bridge.tlib.ids import conn_id_of
from bridge.tlib.kv import KVList
from bridge.tlib.message_pack import MessagePackCodec, frame
from tests.agent import Agent
from tests.interop.survival.site import user_of
from tests.interop.survival.views import Replay, Seen, of_bridge
from tests.tserver_sim.wire import WireClient

CODEC = MessagePackCodec()


class Desktop:
    """A user: acts by REST on what notifications have told, and knows nothing else."""

    def __init__(self, dn: str, bridge: str, chance: random.Random, numbers: list[str]) -> None:
        self.dn = dn
        self.replay = Replay()
        self._chance = chance
        self._numbers = numbers
        self._http = httpx.AsyncClient(auth=(user_of(dn), "demo"), timeout=60)
        self._agent = Agent(self._http, f"{bridge}/api/v2")
        self._device = ""
        self._listening: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start a session, and listen from then on."""
        (device,) = (await self._agent.get("/me/devices?fields=*")).json["devices"]
        self._device = device["id"]
        await self._agent.listen()
        answer = await self._agent.post("/me", "StartContactCenterSession", channels=["voice"])
        assert answer.json["statusCode"] == 0, answer.json
        self._listening = asyncio.create_task(self._listen())

    async def end(self) -> None:
        """Leave."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._http.aclose()

    async def view(self) -> dict[str, Seen]:
        """Read what the bridge says the calls are."""
        return of_bridge((await self._agent.get("/me/calls?fields=*")).json["calls"])

    async def act(self) -> None:
        """Do something that a user might do now. Whether it works is not this user's to know."""
        calls = list(self.replay.calls.items())
        number = self._chance.choice(self._numbers)
        if not calls:
            await self._post(f"/me/devices/{self._device}/calls", "Dial", destination={"phoneNumber": number})
            return
        call, now = self._chance.choice(calls)
        path = f"/me/calls/{call}"
        match now.state:
            case "Ringing":
                await self._post(path, "Answer")
            case "Established" if self._chance.random() < 0.6:
                data = {"Step": str(self.replay.received)}
                await self._post(
                    path, "SingleStepTransfer", destination={"phoneNumber": number}, userData=data
                )
            case _:
                await self._post(path, "Hangup")

    async def _post(self, path: str, operation: str, **parameters: Any) -> None:
        answer = await self._agent.post(path, operation, **parameters)
        assert isinstance(answer.json["statusCode"], int), answer.json

    async def _listen(self) -> None:
        while True:
            message = await self._agent.next_notification()
            self.replay.on_notification(message["data"])


class Application:
    """A T-Server client that holds, retrieves, consults, completes and attaches data, at random."""

    def __init__(self, chance: random.Random, numbers: list[str]) -> None:
        self._chance = chance
        self._numbers = numbers
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._reference = 0

    async def connect(self, port: int) -> None:
        """Connect to a member of the pair, and register all DNs."""
        await self.disconnect()
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        client = WireClient(reader, self._writer)
        await client.opens("cti")
        for dn in self._numbers:
            await client.send(m.RequestRegisterAddress(this_dn=dn))
        self._reading = asyncio.create_task(_discard(reader))

    async def disconnect(self) -> None:
        """Leave."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    def act(self, calls: Sequence[Mapping[str, Any]]) -> None:
        """Do something with one of these calls, as the control API tells them."""
        if not calls or self._writer is None:
            return
        call = self._chance.choice(calls)
        party = self._chance.choice(call["parties"])
        self._reference += 1
        about: dict[str, Any] = {
            "this_dn": party["dn"],
            "conn_id": conn_id_of(call["conn_id"]),
            "reference_id": self._reference,
        }
        request = self._request(call, party, about)
        self._writer.write(frame(CODEC.encode(request)))

    def _request(self, call: Mapping[str, Any], party: Mapping[str, Any], about: dict[str, Any]) -> m.Request:
        chance = self._chance
        if call["main_call"] is not None and chance.random() < 0.5:
            main = conn_id_of(call["main_call"])
            complete: Callable[..., m.Request] = chance.choice(
                (
                    lambda **about: m.RequestCompleteTransfer(**about, transfer_conn_id=main),
                    lambda **about: m.RequestCompleteConference(**about, conference_conn_id=main),
                    lambda **about: m.RequestReconnectCall(**about, previous_conn_id=main),
                    lambda **about: m.RequestAlternateCall(**about, previous_conn_id=main),
                )
            )
            return complete(**about)
        if party["state"] == "Held":
            return m.RequestRetrieveCall(**about)
        other = chance.choice(self._numbers)
        data = KVList.of(**{f"Key{chance.randrange(3)}": self._reference})
        act: Callable[..., m.Request] = chance.choice(
            (
                m.RequestHoldCall,
                lambda **about: m.RequestAttachUserData(**about, user_data=data),
                lambda **about: m.RequestUpdateUserData(**about, user_data=data),
                lambda **about: m.RequestInitiateTransfer(**about, other_dn=other, user_data=data),
                lambda **about: m.RequestInitiateConference(**about, other_dn=other),
                lambda **about: m.RequestSingleStepConference(**about, other_dn=other),
                lambda **about: m.RequestRedirectCall(**about, other_dn=other),
            )
        )
        return act(**about)


async def _discard(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass
