"""Reading contacts, with the filters that clients send.

Source: GWS v2, Get contacts.
"""

import re
from collections.abc import Callable, Iterator
from fnmatch import translate
from functools import partial
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields
from bridge.api.resources.address_book import VOICE_CHANNEL, ContactRenderer, ContactResource
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory.directory import Directory
from bridge.directory.model import ContactCenter
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.service import VoiceService

MAX_PAGE_SIZE: Final = 1000
"""The most contacts in one answer."""

MAX_PATTERNS: Final = 9
"""The most patterns of one search, as in GWS."""

_SORT_ATTRIBUTES: Final = {
    "name": "name",
    "userName": "user_name",
    "firstName": "first_name",
    "lastName": "last_name",
    "emailAddress": "email_address",
    "type": "type",
    "id": "id",
}
"""The sort keys of contacts, and the attribute of each."""


class ContactQuery(BaseModel):
    """The filters of a list of contacts. A filter may name several values, separated by commas."""

    model_config = ConfigDict(alias_generator=to_camel)

    name: str | None = Field(None, description="exact names; of users the user name")
    phone_number: str | None = Field(None, description="exact numbers; `*` is any contact with a number")
    channel: str | None = Field(None, description="exact channels; a contact with a number has `voice`")
    type: Literal["User", "Queue", "Custom"] | None = None
    roles: str | None = Field(None, description="roles of users, such as `ROLE_AGENT`")
    filter_name: Literal["NamesOrPhoneNumberMatches"] | None = Field(
        None, description="searches names and numbers for all of `filterParameters`"
    )
    filter_parameters: str | None = Field(
        None, description="patterns in which `*` stands for anything, capitals or not"
    )
    sort_by: str = Field("name", pattern=f"^({'|'.join(_SORT_ATTRIBUTES)})$")
    order: Literal["Ascending", "Descending"] = "Ascending"
    offset: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=MAX_PAGE_SIZE)
    fields: Fields = None


ContactFilter = Callable[[ContactResource], bool]


def router(api: str, directory: Directory, service: VoiceService) -> APIRouter:
    """Return the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2/contacts", tags=["contacts"])
    renderer = ContactRenderer(api, service)

    @routes.get(
        "", responses=schemas.object_collection("contacts", ContactResource, totalCount={"type": "integer"})
    )
    async def read_contacts(request: Request, query: Annotated[ContactQuery, Query()]) -> Response:
        center = authorization.http_session(request).user.contact_center
        found = search_contacts(_render_all_contacts(renderer, directory, center), query)
        page = found[query.offset : query.offset + query.limit]
        rendered = [renderer.with_availability(contact, center) for contact in page]
        return views.object_collection("contacts", rendered, query.fields, totalCount=len(found))

    @routes.get("/{contact_id}", responses=schemas.single_object("contact", ContactResource, fields=True))
    async def read_contact(request: Request, contact_id: str, fields: Fields = None) -> Response:
        center = authorization.http_session(request).user.contact_center
        for contact in _render_all_contacts(renderer, directory, center):
            if contact.id == contact_id:
                return views.single_object("contact", renderer.with_availability(contact, center), fields)
        raise ApiError(StatusCode.NOT_FOUND, f"There is no contact {contact_id}")

    return routes


def _render_all_contacts(
    renderer: ContactRenderer, directory: Directory, center: ContactCenter
) -> Iterator[ContactResource]:
    for user in directory.users:
        if user.contact_center.id == center.id:
            yield renderer.user(user)
    yield from map(renderer.render_contact, center.contacts)


def search_contacts(contacts: Iterator[ContactResource], query: ContactQuery) -> list[ContactResource]:
    """Return the contacts that match a query, sorted.

    Raises:
        ApiError: the query has too many patterns.

    """
    filters = list(_filters(query))
    found = [contact for contact in contacts if all(matches(contact) for matches in filters)]
    attribute = _SORT_ATTRIBUTES[query.sort_by]
    found.sort(
        key=lambda contact: ((getattr(contact, attribute) or "").casefold(), contact.id),
        reverse=query.order == "Descending",
    )
    return found


def _filters(query: ContactQuery) -> Iterator[ContactFilter]:
    if query.name is not None:
        names = set(query.name.split(","))
        yield lambda contact: contact.name in names
    if query.phone_number is not None:
        numbers = set(query.phone_number.split(","))
        yield (
            lambda contact: (
                bool(_numbers(contact)) if "*" in numbers else not numbers.isdisjoint(_numbers(contact))
            )
        )
    if query.channel is not None:
        channels = set(query.channel.split(","))
        yield lambda contact: VOICE_CHANNEL in channels and contact.phone_numbers is not None
    if query.type is not None:
        yield lambda contact: contact.type == query.type
    if query.roles is not None:
        roles = set(query.roles.split(","))
        yield lambda contact: not roles.isdisjoint(contact.roles or ())
    if query.filter_name is not None:
        yield from _pattern_filters(query.filter_parameters)


def _pattern_filters(patterns: str | None) -> Iterator[ContactFilter]:
    pattern_list = (patterns or "*").split(",")
    if len(pattern_list) > MAX_PATTERNS:
        text = f"filterParameters: at most {MAX_PATTERNS} patterns are possible, got {len(pattern_list)}"
        raise ApiError(StatusCode.INVALID, text)
    for pattern in pattern_list:
        yield partial(
            _matches_pattern, re.compile(translate(_escape_other_wildcards(pattern)), re.IGNORECASE)
        )


def _escape_other_wildcards(pattern: str) -> str:
    """Escape the wildcards of shell patterns that GWS does not have."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _matches_pattern(regex: re.Pattern[str], contact: ContactResource) -> bool:
    return any(regex.match(text) for text in _searched_texts(contact))


def _searched_texts(contact: ContactResource) -> Iterator[str]:
    yield from filter(None, (contact.name, contact.first_name, contact.last_name))
    yield from _numbers(contact)


def _numbers(contact: ContactResource) -> set[str]:
    """Return the numbers of a contact with letters and digits only, as GWS stores them."""
    return {"".join(filter(str.isalnum, each.phone_number)) for each in contact.phone_numbers or ()}
