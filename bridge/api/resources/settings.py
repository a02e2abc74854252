"""Reading the settings of a contact center, in groups. The API cannot change them.

Sources: GWS v2, System settings (groups, general settings) and Agent State; the descriptors of agent states
are those seen of a real server, where the one of Offline has the state `Logout`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields, Subresources
from bridge.api.http.responses import ok_response
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory.model import ContactCenter, CustomAgentState
from bridge.runtime.features import VOICE
from bridge.voice.gws.countries import country_names
from bridge.voice.gws.devices import USER_STATES
from bridge.voice.model.agent_state import AgentState


class GeneralSettings(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is true of a whole contact center."""

    country_code: str
    country_digits: str
    country_name: str


class AgentStateDescriptor(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """An agent state, and the operation that leads to it."""

    id: str
    operation_name: str
    display_name: str
    state: str
    work_mode: str | None = None
    reason: str | None = None


class SettingsGroup(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A group of settings. `key` is the member that tells its settings apart, where it has several."""

    name: str
    display_name: str
    key: str
    uri: str
    path: str
    settings: GeneralSettings | Sequence[AgentStateDescriptor] | None = None


GroupSettings = GeneralSettings | Sequence[AgentStateDescriptor]

_BUILT_IN: Final = {
    "Ready": AgentState.READY,
    "NotReady": AgentState.NOT_READY,
    "AuxWork": AgentState.AUX_WORK,
    "AfterCallWork": AgentState.AFTER_CALL_WORK,
    "Offline": AgentState.LOGGED_OUT,
}
"""The operations of every agent, and the states that they lead to."""

_OFFLINE_STATE: Final = "Logout"


def agent_states(center: ContactCenter) -> list[AgentStateDescriptor]:
    """Return the agent states of a contact center: the built-in ones, then its own."""
    return [*_built_in_states(), *map(_render_state, center.agent_states)]


def _built_in_states() -> Iterator[AgentStateDescriptor]:
    for operation, state in _BUILT_IN.items():
        user_state = USER_STATES[state]
        yield AgentStateDescriptor(
            id=user_state.id or "",
            operation_name=operation,
            display_name=user_state.display_name or operation,
            state=_OFFLINE_STATE if state is AgentState.LOGGED_OUT else user_state.state,
            work_mode=user_state.work_mode,
        )


def _render_state(custom_state: CustomAgentState) -> AgentStateDescriptor:
    return AgentStateDescriptor(
        id=custom_state.id,
        operation_name=custom_state.operation_name,
        display_name=custom_state.display_name,
        state=custom_state.state,
        work_mode=custom_state.work_mode,
        reason=custom_state.reason,
    )


def render_general_settings(center: ContactCenter) -> GeneralSettings:
    """Return the general settings of a contact center."""
    # Imported here because it takes a while, and few clients ever ask for this.
    from phonenumbers import country_code_for_region  # noqa: PLC0415

    return GeneralSettings(
        country_code=center.country,
        country_digits=str(country_code_for_region(center.country)),
        country_name=country_names().get(center.country, ""),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    display_name: str
    key: str
    feature: str | None
    read: Callable[[ContactCenter], GroupSettings]


_GROUPS: Final = (
    _Group("general-settings", "General Settings", "name", None, render_general_settings),
    _Group("agent-states", "Agent States", "operationName", VOICE, agent_states),
)
"""The groups; those of a feature that the contact center lacks are left out."""


def router(api: str) -> APIRouter:
    """Return the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2/settings", tags=["settings"])

    @routes.get("", responses=schemas.object_collection("settings", SettingsGroup))
    async def read_groups(
        request: Request, fields: Fields = None, subresources: Subresources = None
    ) -> Response:
        center = authorization.http_session(request).user.contact_center
        with_settings = bool(views.requested_names(subresources, ["settings"]))
        groups = [
            _render_group(api, each, center if with_settings else None) for each in _visible_groups(center)
        ]
        return views.object_collection("settings", groups, fields)

    @routes.get(
        "/general-settings",
        responses=schemas.responses(schemas.success_schema({"settings": schemas.reference(GeneralSettings)})),
    )
    async def read_general_settings(request: Request) -> Response:
        return ok_response(
            settings=render_general_settings(authorization.http_session(request).user.contact_center)
        )

    @routes.get(
        "/agent-states",
        responses=schemas.object_collection("settings", AgentStateDescriptor, key={"const": "operationName"}),
    )
    async def read_agent_states(request: Request, fields: Fields = None) -> Response:
        center = authorization.require_voice_user(request).contact_center
        return views.object_collection("settings", agent_states(center), fields, key="operationName")

    return routes


def _visible_groups(center: ContactCenter) -> Iterator[_Group]:
    return (group for group in _GROUPS if group.feature is None or center.has(group.feature))


def _render_group(api: str, group: _Group, center: ContactCenter | None) -> SettingsGroup:
    return SettingsGroup(
        name=group.name,
        display_name=group.display_name,
        key=group.key,
        uri=f"{api}/settings/{group.name}",
        path=f"/settings/{group.name}",
        settings=group.read(center) if center else None,
    )
