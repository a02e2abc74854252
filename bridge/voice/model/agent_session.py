"""A user's contact center session at one device: the login, and what waits for it.

A DN is registered first; what the T-Server says of it then tells whether the agent is logged in already.
What the user wants meanwhile (to be ready, say) waits and follows the login at once: a link keeps the order,
so nothing needs to wait for the outcome of the login.
"""

from dataclasses import dataclass, field
from enum import Enum

from bridge.tlib import messages as t
from bridge.voice.model.agents import SwitchLogin

MAX_DEFERRED = 32
"""How many requests may wait for the registration of a DN."""


class LoginStage(Enum):
    """How far the login at a device is."""

    REGISTERING = "the DN is being registered; the login follows"
    LOGIN_SENT = "the T-Server has been asked to log the agent in"
    SETTLED = "no login is on its way"


@dataclass(slots=True)
class AgentSession:
    """A session at a device.

    Attributes:
        login: who is logged in there; None if the DN is only watched, as the others of a user are.
        login_stage: how far that is.
        deferred: what is to be sent after the login, with the name of the operation and who asked for it.

    """

    login: SwitchLogin | None
    login_stage: LoginStage = LoginStage.REGISTERING
    deferred: list[tuple[t.Request, str, str | None]] = field(default_factory=list)

    @property
    def is_logging_in(self) -> bool:
        """Whether the agent will be logged in soon, so that nobody is worried by seeing it logged out."""
        return self.login is not None and self.login_stage is not LoginStage.SETTLED
