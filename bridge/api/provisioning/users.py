"""Users: administrators read and change those of their contact center; users and supervisors read.

Sources: GWS v2, User resource, Create User, Update User, Delete User, Assign Device, Create and Assign
Device. Paging and filters are on no page; they are named as those of contacts.
"""

import asyncio
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Query, Request, Response
from msgspec import UNSET, UnsetType
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bridge.api.http import fields as views
from bridge.api.http.bodies import Body
from bridge.api.http.fields import Fields
from bridge.api.http.responses import ACCEPTED, found
from bridge.api.provisioning.bodies import ConfiguredDevice, DeviceForUser, NewUser, UserChange
from bridge.api.provisioning.common import (
    CREATED,
    DELETED,
    DONE_OR_CREATED,
    READ,
    WRITE,
    administrator,
    described,
    done,
    keep_read_only,
    last_part,
)
from bridge.api.provisioning.devices import DeviceWriter
from bridge.api.resources.user import UserResource, user_resource
from bridge.api.schema import schemas
from bridge.api.security import authorization as requests
from bridge.directory import passwords
from bridge.directory.commands import DeviceFields, UserFields
from bridge.directory.directory import Directory
from bridge.directory.model import Role, User
from bridge.directory.provisioning import Provisioning
from bridge.voice.model.errors import RefusedError, StatusCode

T = TypeVar("T")

MOST_AT_ONCE: Final = 1000
"""How many users one answer holds at most."""


class UserQuery(BaseModel):
    """Which users are wanted. Lists have commas between their values."""

    model_config = ConfigDict(alias_generator=to_camel)

    user_name: str | None = Field(None, description="exact login names, in capitals or not")
    roles: str | None = Field(None, description="roles, such as `ROLE_AGENT`")
    offset: int = Field(0, ge=0)
    limit: int = Field(MOST_AT_ONCE, ge=1, le=MOST_AT_ONCE)
    fields: Fields = None


def router(api: str, directory: Directory, provisioning: Provisioning, devices: DeviceWriter) -> APIRouter:
    """Make the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2/users", tags=["provisioning"])
    new_user, user_change, device_for_user = Body(NewUser), Body(UserChange), Body(DeviceForUser)

    @routes.get("", responses=schemas.addresses("users", UserResource))
    async def read_users(request: Request, query: Annotated[UserQuery, Query()]) -> Response:
        admin = administrator(request, READ)
        page = _wanted(directory, admin, query)[query.offset : query.offset + query.limit]
        return views.addresses("users", [user_resource(api, user) for user in page], query.fields)

    @routes.post("", **described(NewUser, CREATED))
    async def create_user(request: Request) -> Response:
        admin = administrator(request, WRITE)
        body = await new_user.read(request)
        fields = UserFields(
            first_name=body.first_name,
            last_name=body.last_name,
            email=body.email_address,
            roles=_roles(body.roles),
            password_hash=await _hash(body.password),
            enabled=body.enabled,
            change_password=body.change_password_on_first_login,
        )
        wanted = [last_part(each) for each in body.devices]
        user = await done(provisioning.create_user(admin.contact_center, body.user_name, fields, wanted))
        shown = user_resource(api, user)
        return found(id=shown.id, uri=shown.uri, path=shown.path)

    @routes.get("/{user_id}", responses=schemas.single("user", UserResource, fields=True))
    async def read_user(request: Request, user_id: str, fields: Fields = None) -> Response:
        return views.single("user", user_resource(api, _readable(directory, request, user_id)), fields)

    @routes.put("/{user_id}", **described(UserChange))
    async def update_user(request: Request, user_id: str) -> Response:
        admin = administrator(request, WRITE)
        body = await user_change.read(request)
        user = _of_center(directory, admin, user_id)
        shown = user_resource(api, user)
        keep_read_only(
            body,
            id=shown.id,
            user_name=shown.user_name,
            contact_center_id=shown.contact_center_id,
            uri=shown.uri,
            path=shown.path,
        )
        fields = UserFields(
            first_name=_given(body.first_name),
            last_name=_given(body.last_name),
            email=_given(body.email_address),
            roles=None if body.roles is UNSET else _roles(body.roles),
            password_hash=await _hash(body.password) if body.password else None,  # "" is what is shown
            enabled=_given(body.enabled),
            change_password=_given(body.change_password_on_first_login),
        )
        await done(provisioning.update_user(admin.contact_center, user_id, fields, by=admin.id))
        return ACCEPTED

    @routes.delete("/{user_id}", responses=DELETED)
    async def delete_user(request: Request, user_id: str) -> Response:
        admin = administrator(request, WRITE)
        await done(provisioning.delete_user(admin.contact_center, user_id, by=admin.id))
        return ACCEPTED

    @routes.get("/{user_id}/devices", responses=schemas.addresses("devices", ConfiguredDevice))
    async def read_devices_of_user(request: Request, user_id: str, fields: Fields = None) -> Response:
        user = _of_center(directory, administrator(request, READ), user_id)
        return views.addresses("devices", [devices.write(device) for device in user.devices], fields)

    @routes.post("/{user_id}/devices", **described(DeviceForUser, DONE_OR_CREATED))
    async def assign_device(request: Request, user_id: str) -> Response:
        center = administrator(request, WRITE).contact_center
        body = await device_for_user.read(request)
        if body.phone_number is not None and body.uri is None and body.uris is None:
            wish = DeviceFields(type=body.type, description=body.description)
            device = await done(
                provisioning.create_device(center, body.phone_number, body.switch_name, wish, owner=user_id)
            )
            return devices.created(device)
        await done(provisioning.assign_devices(center, user_id, _assigned(body)))
        return ACCEPTED

    @routes.delete("/{user_id}/devices/{device_id}", responses=DELETED)
    async def unassign_device(request: Request, user_id: str, device_id: str) -> Response:
        center = administrator(request, WRITE).contact_center
        await done(provisioning.unassign_device(center, user_id, device_id))
        return ACCEPTED

    return routes


def _wanted(directory: Directory, admin: User, query: UserQuery) -> list[User]:
    users = [user for user in directory.users if user.contact_center.id == admin.contact_center.id]
    if query.user_name is not None:
        names = set(query.user_name.casefold().split(","))
        users = [user for user in users if user.name.casefold() in names]
    if query.roles is not None:
        roles = set(query.roles.split(","))
        users = [user for user in users if not roles.isdisjoint(user_resource("", user).roles)]
    return users


def _of_center(directory: Directory, asking: User, user_id: str) -> User:
    user = directory.user_by_id(user_id)
    if user is None or user.contact_center.id != asking.contact_center.id:
        raise RefusedError(StatusCode.NOT_FOUND, "User not found")
    return user


def _readable(directory: Directory, request: Request, user_id: str) -> User:
    """Find a user for whoever may read it: the user, supervisors and administrators."""
    asking = requests.session(request).user
    user = _of_center(directory, asking, user_id)
    if user.id != asking.id and not {Role.SUPERVISOR, Role.ADMIN} & set(asking.roles):
        raise RefusedError(
            StatusCode.NOT_PERMITTED, "Other users are shown to supervisors and administrators"
        )
    return user


def _assigned(body: DeviceForUser) -> list[str]:
    """List the devices that are to be assigned."""
    given = [each for each in (body.uri, body.uris, body.phone_number) if each is not None]
    if not given:
        raise RefusedError(StatusCode.PARAMETER_MISSING, "uri: required parameter missing")
    if len(given) > 1:
        raise RefusedError(StatusCode.INVALID, "uri, uris and phoneNumber exclude each other")
    return [last_part(each) for each in (body.uris or (body.uri or "",))]


def _roles(names: tuple[str, ...]) -> tuple[Role, ...]:
    wanted = {name.removeprefix("ROLE_").lower() for name in names}
    return tuple(role for role in Role if role in wanted)


async def _hash(password: str) -> str:
    return await asyncio.to_thread(passwords.hash_password, password)


def _given(value: T | UnsetType) -> T | None:
    return None if isinstance(value, UnsetType) else value
