"""A user's contact center session at one device: the login, and what waits for it.

A DN is registered first; what the T-Server says of it then tells whether the agent is logged in already.
What the user wants meanwhile (to be ready, say) waits and follows the login at once: a link keeps the order,
so nothing needs to wait for the outcome of the login.
"""

from dataclasses import dataclass, field
from enum import Enum

from bridge.tlib import messages as t
from bridge.voice.model.agents import Login

MAX_HELD = 32
"""How many requests may wait for the registration of a DN."""


class Stage(Enum):
    """How far the login at a device is."""

    WAITING = "the DN is being registered; the login follows"
    ASKED = "the T-Server has been asked to log the agent in"
    SETTLED = "no login is on its way"


@dataclass(slots=True)
class Sitting:
    """A session at a device.

    Attributes:
        login: who is logged in there; None if the DN is only watched, as the others of a user are.
        stage: how far that is.
        held: what is to be sent after the login, with the name of the operation and who asked for it.

    """

    login: Login | None
    stage: Stage = Stage.WAITING
    held: list[tuple[t.Request, str, str | None]] = field(default_factory=list)

    @property
    def is_logging_in(self) -> bool:
        """Whether the agent will be logged in soon, so that nobody is worried by seeing it logged out."""
        return self.login is not None and self.stage is not Stage.SETTLED
