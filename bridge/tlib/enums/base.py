"""What every enumeration of an attribute has in common.

Later releases may know more values than the public lists, so a value from 0 to 2**31-1 that is not
listed decodes to a member of its own, named `Unknown<n>`, instead of losing the event that carries it.
"""

from enum import IntEnum
from typing import Self

_INT32_MAX = 2**31 - 1


class WireEnum(IntEnum):
    """An enumeration whose unlisted values survive the trip."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int) or not 0 <= value <= _INT32_MAX:
            return None
        member = int.__new__(cls, value)
        member._name_ = f"Unknown{value}"
        member._value_ = value
        return member

    @property
    def is_listed(self) -> bool:
        """Whether the public lists know this value."""
        return self.name in type(self).__members__
