"""Routes of the control API for the role of a T-Server in its pair, and its link to the switch."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field, StrictBool

from tserver_sim.control.problems import BAD, UNKNOWN, problems
from tserver_sim.control.values import RequestBody, find_tserver
from tserver_sim.server.pair.member import CannotMoveError, PairMember
from tserver_sim.tserver import SimulatedTServer

_NOT_NOW = "the role cannot move now; the text says why"


class SwitchLink(RequestBody):
    """Whether the link between T-Server and switch is to be up."""

    up: StrictBool


class MemberState(BaseModel):
    """The role of a T-Server in its pair, and its link to the switch."""

    application: str
    role: Literal["primary", "backup"]
    link_up: bool = Field(description="whether the link to the switch is up")
    state: str | None = Field(description="its detailed role in the pair; null if it has no pair")
    peer: bool = Field(description="whether the other member is connected")
    epoch: int = Field(description="how often the role has moved, as far as this member knows")


def router(tservers: Mapping[str, SimulatedTServer]) -> APIRouter:
    """Return the routes of pairs."""
    routes = APIRouter(prefix="/switches/{switch}", tags=["pair"])
    moves = problems(_404=UNKNOWN, _409=_NOT_NOW)

    @routes.get("/member", responses=problems(_404=UNKNOWN))
    async def read_member(switch: str) -> MemberState:
        """Return the role of this T-Server, and the state of its link to the switch."""
        return _state(find_tserver(tservers, switch))

    @routes.post("/promote", status_code=202, responses=moves)
    async def promote(switch: str) -> MemberState:
        """Make this T-Server the primary. A connected primary is asked to hand over."""
        tserver = find_tserver(tservers, switch)
        with _changing_role(tserver) as pair:
            pair.promote()
        return _state(tserver)

    @routes.post("/demote", status_code=202, responses=moves)
    async def demote(switch: str) -> MemberState:
        """Hand the role of primary over to the backup. No call and no request is lost."""
        tserver = find_tserver(tservers, switch)
        with _changing_role(tserver) as pair:
            pair.demote()
        return _state(tserver)

    @routes.post("/link", responses=problems(_400=BAD, _404=UNKNOWN))
    async def set_link(switch: str, link: SwitchLink) -> MemberState:
        """Take the link between this T-Server and its switch down, or bring it up again."""
        tserver = find_tserver(tservers, switch)
        if link.up:
            tserver.dispatcher.link_up()
        else:
            tserver.dispatcher.link_down()
        return _state(tserver)

    return routes


@contextmanager
def _changing_role(tserver: SimulatedTServer) -> Iterator[PairMember]:
    if tserver.pair is None:
        raise HTTPException(409, f"{tserver.member_part.application} is no member of a pair")
    try:
        yield tserver.pair
    except CannotMoveError as error:
        raise HTTPException(409, f"{tserver.member_part.application}: {error}") from None


def _state(tserver: SimulatedTServer) -> MemberState:
    pair = tserver.pair
    return MemberState(
        application=tserver.member_part.application,
        role="primary" if tserver.leads else "backup",
        link_up=tserver.dispatcher.link_is_up,
        state=None if pair is None else pair.role.value,
        peer=pair is not None and pair.is_peer_connected,
        epoch=0 if pair is None else pair.epoch,
    )
