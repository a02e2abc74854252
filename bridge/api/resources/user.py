"""Users as resources.

Source: GWS v2, User resource.
"""

import msgspec

from bridge.directory.model import User


class UserResource(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A person who can log in."""

    id: str
    user_name: str
    first_name: str
    last_name: str
    email_address: str
    roles: tuple[str, ...]
    enabled: bool
    change_password_on_first_login: bool
    contact_center_id: str
    uri: str
    path: str


def render_user(api: str, user: User) -> UserResource:
    """Return a user as a resource; `api` is the external address that ends in `/api/v2`."""
    return UserResource(
        id=user.id,
        user_name=user.name,
        first_name=user.first_name,
        last_name=user.last_name,
        email_address=user.email,
        roles=role_names(user),
        enabled=user.enabled,
        change_password_on_first_login=user.change_password,
        contact_center_id=user.contact_center.id,
        uri=f"{api}/users/{user.id}",
        path=f"/users/{user.id}",
    )


def role_names(user: User) -> tuple[str, ...]:
    """Return the roles of a user, as the API names them."""
    return tuple(f"ROLE_{role.upper()}" for role in user.roles)
