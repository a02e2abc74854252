"""The tables of the database. Changed tables need a new `VERSION`, and a migration from the old ones."""

from typing import Final

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, MetaData, String, Table, UniqueConstraint

VERSION: Final = 1

METADATA: Final = MetaData(
    naming_convention={  # the same names in every database
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _position() -> "Column[int]":
    """Return a column that numbers the rows in the order of creation."""
    return Column("position", Integer, primary_key=True, autoincrement=True)


def _text(name: str) -> "Column[str]":
    return Column(name, String, nullable=False)


SCHEMA_VERSION: Final = Table(
    "schema_version", METADATA, Column("version", Integer, primary_key=True, autoincrement=False)
)

CONTACT_CENTERS: Final = Table(
    "contact_centers",
    METADATA,
    _position(),
    Column("id", String(36), nullable=False, unique=True),
    _text("name"),
)

FEATURES: Final = Table(
    "contact_center_features",
    METADATA,
    Column("contact_center_id", ForeignKey(CONTACT_CENTERS.c.id), primary_key=True),
    Column("feature_id", String, primary_key=True),
)

DEVICES: Final = Table(
    "devices",
    METADATA,
    _position(),
    Column("id", String(36), nullable=False, unique=True),
    Column("contact_center_id", ForeignKey(CONTACT_CENTERS.c.id), nullable=False),
    _text("number"),
    _text("switch"),
    _text("type"),
    _text("description"),
    Column("settings", JSON, nullable=False),
    UniqueConstraint("switch", "number"),
)

USERS: Final = Table(
    "users",
    METADATA,
    _position(),
    Column("id", String(32), nullable=False, unique=True),
    Column("contact_center_id", ForeignKey(CONTACT_CENTERS.c.id), nullable=False),
    _text("name"),
    Column("folded_name", String, nullable=False, unique=True),  # for look-ups that ignore case
    _text("first_name"),
    _text("last_name"),
    _text("email"),
    _text("roles"),  # separated by commas
    _text("password_hash"),
    Column("place", String, nullable=True),
    Column("enabled", Boolean, nullable=False),
    Column("change_password", Boolean, nullable=False),
)

USER_DEVICES: Final = Table(
    "user_devices",
    METADATA,
    Column("device_id", ForeignKey(DEVICES.c.id), primary_key=True),  # a device has one user
    Column("user_id", ForeignKey(USERS.c.id), nullable=False, index=True),
    Column("rank", Integer, nullable=False),
)

LOGINS: Final = Table(
    "logins",
    METADATA,
    Column("user_id", ForeignKey(USERS.c.id), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    _text("code"),
    _text("switch"),
    Column("queue", String, nullable=True),
    _text("password"),  # in plain text, for the switch asks for it
)
