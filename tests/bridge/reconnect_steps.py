"""What a T-Server and an agent do after a gap, as lines of a ladder."""

from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import CallType, PartyState
from bridge.tlib.kv import KVList, KVValue
from tests.agent import Agent
from tests.playbook import CALL_ID, CONN_ID, Playbook

CALL = f"/me/calls/{CALL_ID}"
ALIVE = KVList([("conn-1", "007102719818000d"), ("ps-1", 12)])
CONNECTED, HELD, ALERTING = PartyState.Connected.value, PartyState.Held.value, PartyState.Alerting.value
INITIATED = PartyState.Initiated.value


def reconnect_link(book: Playbook) -> None:
    book.tserver.goes_away()
    book.reactor.advance(5)
    book.tserver.opens()


def answer_registration(book: Playbook, snapshot: KVList | None, **attributes: Any) -> None:
    """Let the bridge register the DN, and answer with a snapshot."""
    (register,) = book.tserver.gets()
    assert isinstance(register, t.RequestRegisterAddress)
    book.tserver.sends(
        t.EventRegistered,
        this_dn="15000",
        reference_id=register.reference_id,
        extensions=snapshot,
        **attributes,
    )


def expect_query_call(book: Playbook, conn_id: int = CONN_ID) -> int:
    """See that the bridge asks about one call and nothing else; give the ReferenceID."""
    (query,) = book.tserver.gets()
    assert query == t.RequestQueryCall(reference_id=query.reference_id, this_dn="15000", conn_id=conn_id)
    assert query.reference_id is not None
    return query.reference_id


def send_party_info(
    book: Playbook, reference: int, own: int, *others: str, conn_id: int = CONN_ID, **attributes: Any
) -> None:
    pairs: list[tuple[str, KVValue]] = [("party-1", "15000"), ("role-1", 1), ("ps-1", own)]
    for number, other in enumerate(others, 2):
        pairs += [(f"party-{number}", other), (f"role-{number}", 2), (f"ps-{number}", CONNECTED)]
    call: dict[str, Any] = {
        "conn_id": conn_id,
        "call_id": 1013,
        "call_uuid": CALL_ID,
        "call_type": CallType.Internal,
        "dnis": "15001",
    }
    book.tserver.sends(
        t.EventPartyInfo,
        reference_id=reference,
        this_dn="15000",
        extensions=KVList(pairs),
        **(call | attributes),
    )


async def call_notifications(agent: Agent) -> list[tuple[str, str, str, list[str]]]:
    """List what an agent is told of calls: the kind, the state, the microphone and the others."""
    return [
        (
            message["data"]["notificationType"],
            message["data"]["call"]["state"],
            message["data"]["call"]["mute"],
            [party["digits"] for party in message["data"]["call"]["participants"]],
        )
        for message in await agent.notifications()
        if message["channel"] == "/v2/me/calls"
    ]


async def reconnect_during_call(book: Playbook) -> tuple[Agent, int]:
    """Talk, lose the link and get it back; the bridge has asked about the call."""
    agent = await book.talking()
    reconnect_link(book)
    answer_registration(book, ALIVE)
    await agent.notifications()
    return agent, expect_query_call(book)
