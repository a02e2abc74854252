"""The control API: which T-Server of a pair leads, and whether a T-Server has its switch."""

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
    """Whether the T-Server shall have its switch."""

    up: StrictBool


class MemberState(BaseModel):
    """A T-Server, as it stands in its pair and to its switch."""

    application: str
    role: Literal["primary", "backup"]
    link_up: bool = Field(description="whether it has its switch")
    state: str | None = Field(description="what it is in its pair; none: it has no other member")
    peer: bool = Field(description="whether the other member is there")
    epoch: int = Field(description="how often the role has moved, as far as it knows")


def router(tservers: Mapping[str, SimulatedTServer]) -> APIRouter:
    """Make the routes of pairs."""
    routes = APIRouter(prefix="/switches/{switch}", tags=["pair"])
    moves = problems(_404=UNKNOWN, _409=_NOT_NOW)

    @routes.get("/member", responses=problems(_404=UNKNOWN))
    async def read_member(switch: str) -> MemberState:
        """Tell how this T-Server stands."""
        return _state(find_tserver(tservers, switch))

    @routes.post("/promote", status_code=202, responses=moves)
    async def promote(switch: str) -> MemberState:
        """Make this T-Server the primary. If the other one leads, it is asked to hand over."""
        tserver = find_tserver(tservers, switch)
        with _changing_role(tserver) as pair:
            pair.promote()
        return _state(tserver)

    @routes.post("/demote", status_code=202, responses=moves)
    async def demote(switch: str) -> MemberState:
        """Hand the role of this T-Server over to the backup; no call and no request is lost."""
        tserver = find_tserver(tservers, switch)
        with _changing_role(tserver) as pair:
            pair.demote()
        return _state(tserver)

    @routes.post("/link", responses=problems(_400=BAD, _404=UNKNOWN))
    async def set_link(switch: str, link: SwitchLink) -> MemberState:
        """Let this T-Server lose its switch, or find it again."""
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
