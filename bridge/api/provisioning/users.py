"""Users: administrators read and change those of their contact center; users and supervisors read.

Sources: GWS v2, User resource, Create User, Update User, Delete User, Assign Device, Create and Assign
Device. Paging and filters are on none of the pages; they are named as those of contacts.
"""

import asyncio
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Query, Request, Response
from msgspec import UNSET, UnsetType
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bridge.api.http import fields as views
from bridge.api.http.bodies import JsonBodyReader
from bridge.api.http.fields import Fields
from bridge.api.http.responses import ACCEPTED, ok_response
from bridge.api.provisioning.bodies import ConfiguredDevice, DeviceForUser, NewUser, UserChange
from bridge.api.provisioning.common import (
    CREATED,
    DELETED,
    SUCCESS_OR_CREATED,
    apply_change,
    check_read_only,
    require_provisioning_admin,
    route_docs,
)
from bridge.api.provisioning.devices import ConfiguredDeviceRenderer
from bridge.api.resources.user import UserResource, render_user
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory import passwords
from bridge.directory.commands import DeviceFields, UserFields
from bridge.directory.directory import Directory
from bridge.directory.model import User, UserRole
from bridge.directory.provisioning import Provisioning
from bridge.runtime.features import PROVISIONING_READ, PROVISIONING_WRITE
from bridge.runtime.uris import id_from_uri
from bridge.voice.model.errors import ApiError, StatusCode

T = TypeVar("T")

MAX_PAGE_SIZE: Final = 1000
"""The most users in one answer."""


class UserQuery(BaseModel):
    """The filters of a list of users. A filter may name several values, separated by commas."""

    model_config = ConfigDict(alias_generator=to_camel)

    user_name: str | None = Field(None, description="exact login names, in capitals or not")
    roles: str | None = Field(None, description="roles, such as `ROLE_AGENT`")
    offset: int = Field(0, ge=0)
    limit: int = Field(MAX_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)
    fields: Fields = None


def router(
    api: str, directory: Directory, provisioning: Provisioning, devices: ConfiguredDeviceRenderer
) -> APIRouter:
    """Return the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2/users", tags=["provisioning"])
    new_user, user_change, device_for_user = (
        JsonBodyReader(NewUser),
        JsonBodyReader(UserChange),
        JsonBodyReader(DeviceForUser),
    )

    @routes.get("", responses=schemas.uri_collection("users", UserResource))
    async def read_users(request: Request, query: Annotated[UserQuery, Query()]) -> Response:
        admin = require_provisioning_admin(request, PROVISIONING_READ)
        page = _select_users(directory, admin, query)[query.offset : query.offset + query.limit]
        return views.uri_collection("users", [render_user(api, user) for user in page], query.fields)

    @routes.post("", **route_docs(NewUser, CREATED))
    async def create_user(request: Request) -> Response:
        admin = require_provisioning_admin(request, PROVISIONING_WRITE)
        body = await new_user.read(request)
        fields = UserFields(
            first_name=body.first_name,
            last_name=body.last_name,
            email=body.email_address,
            roles=_parse_roles(body.roles),
            password_hash=await _hash_password(body.password),
            enabled=body.enabled,
            change_password=body.change_password_on_first_login,
        )
        requested = [id_from_uri(each) for each in body.devices]
        user = await apply_change(
            provisioning.create_user(admin.contact_center, body.user_name, fields, requested)
        )
        rendered = render_user(api, user)
        return ok_response(id=rendered.id, uri=rendered.uri, path=rendered.path)

    @routes.get("/{user_id}", responses=schemas.single_object("user", UserResource, fields=True))
    async def read_user(request: Request, user_id: str, fields: Fields = None) -> Response:
        return views.single_object(
            "user", render_user(api, _find_readable_user(directory, request, user_id)), fields
        )

    @routes.put("/{user_id}", **route_docs(UserChange))
    async def update_user(request: Request, user_id: str) -> Response:
        admin = require_provisioning_admin(request, PROVISIONING_WRITE)
        body = await user_change.read(request)
        user = _find_user(directory, admin, user_id)
        rendered = render_user(api, user)
        check_read_only(
            body,
            id=rendered.id,
            user_name=rendered.user_name,
            contact_center_id=rendered.contact_center_id,
            uri=rendered.uri,
            path=rendered.path,
        )
        fields = UserFields(
            first_name=_none_if_unset(body.first_name),
            last_name=_none_if_unset(body.last_name),
            email=_none_if_unset(body.email_address),
            roles=None if body.roles is UNSET else _parse_roles(body.roles),
            password_hash=await _hash_password(body.password)
            if body.password
            else None,  # "" is what is shown
            enabled=_none_if_unset(body.enabled),
            change_password=_none_if_unset(body.change_password_on_first_login),
        )
        await apply_change(provisioning.update_user(admin.contact_center, user_id, fields, by=admin.id))
        return ACCEPTED

    @routes.delete("/{user_id}", responses=DELETED)
    async def delete_user(request: Request, user_id: str) -> Response:
        admin = require_provisioning_admin(request, PROVISIONING_WRITE)
        await apply_change(provisioning.delete_user(admin.contact_center, user_id, by=admin.id))
        return ACCEPTED

    @routes.get("/{user_id}/devices", responses=schemas.uri_collection("devices", ConfiguredDevice))
    async def read_devices_of_user(request: Request, user_id: str, fields: Fields = None) -> Response:
        user = _find_user(directory, require_provisioning_admin(request, PROVISIONING_READ), user_id)
        return views.uri_collection("devices", [devices.render(device) for device in user.devices], fields)

    @routes.post("/{user_id}/devices", **route_docs(DeviceForUser, SUCCESS_OR_CREATED))
    async def assign_device(request: Request, user_id: str) -> Response:
        center = require_provisioning_admin(request, PROVISIONING_WRITE).contact_center
        body = await device_for_user.read(request)
        if body.phone_number is not None and body.uri is None and body.uris is None:
            device_fields = DeviceFields(type=body.type, description=body.description)
            device = await apply_change(
                provisioning.create_device(
                    center, body.phone_number, body.switch_name, device_fields, owner=user_id
                )
            )
            return devices.created_response(device)
        await apply_change(provisioning.assign_devices(center, user_id, _device_ids_to_assign(body)))
        return ACCEPTED

    @routes.delete("/{user_id}/devices/{device_id}", responses=DELETED)
    async def unassign_device(request: Request, user_id: str, device_id: str) -> Response:
        center = require_provisioning_admin(request, PROVISIONING_WRITE).contact_center
        await apply_change(provisioning.unassign_device(center, user_id, device_id))
        return ACCEPTED

    return routes


def _select_users(directory: Directory, admin: User, query: UserQuery) -> list[User]:
    users = [user for user in directory.users if user.contact_center.id == admin.contact_center.id]
    if query.user_name is not None:
        names = set(query.user_name.casefold().split(","))
        users = [user for user in users if user.name.casefold() in names]
    if query.roles is not None:
        roles = set(query.roles.split(","))
        users = [user for user in users if not roles.isdisjoint(render_user("", user).roles)]
    return users


def _find_user(directory: Directory, requester: User, user_id: str) -> User:
    user = directory.user_by_id(user_id)
    if user is None or user.contact_center.id != requester.contact_center.id:
        raise ApiError(StatusCode.NOT_FOUND, "User not found")
    return user


def _find_readable_user(directory: Directory, request: Request, user_id: str) -> User:
    """Return a user, for a request of this user, of a supervisor or of an administrator."""
    requester = authorization.http_session(request).user
    user = _find_user(directory, requester, user_id)
    if user.id != requester.id and not {UserRole.SUPERVISOR, UserRole.ADMIN} & set(requester.roles):
        raise ApiError(StatusCode.NOT_PERMITTED, "Other users are shown to supervisors and administrators")
    return user


def _device_ids_to_assign(body: DeviceForUser) -> list[str]:
    """Return the ids of the devices that a request assigns."""
    choices = [each for each in (body.uri, body.uris, body.phone_number) if each is not None]
    if not choices:
        raise ApiError(StatusCode.PARAMETER_MISSING, "uri: required parameter missing")
    if len(choices) > 1:
        raise ApiError(StatusCode.INVALID, "uri, uris and phoneNumber exclude each other")
    return [id_from_uri(each) for each in (body.uris or (body.uri or "",))]


def _parse_roles(names: tuple[str, ...]) -> tuple[UserRole, ...]:
    requested = {name.removeprefix("ROLE_").lower() for name in names}
    return tuple(role for role in UserRole if role in requested)


async def _hash_password(password: str) -> str:
    return await asyncio.to_thread(passwords.hash_password, password)


def _none_if_unset(value: T | UnsetType) -> T | None:
    return None if isinstance(value, UnsetType) else value
