"""Which messages a client wants to be told (T-Library, TSetInputMask)."""

from bridge.tlib.errors import ErrorCode
from bridge.tlib.session import MASK_BYTES, MAX_MASK_BYTES, mask_allows
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.switch.interface.refusal import RefusedError


class InputMasks:
    """The input masks of the clients that have set one; all others want everything.

    A mask concerns what is told of DNs and calls. What answers the client alone, and what every client is
    told of the link and the T-Server, always comes.
    """

    def __init__(self) -> None:
        self._masks: dict[Client, bytes] = {}

    def __bool__(self) -> bool:
        """Whether anybody has set one."""
        return bool(self._masks)

    def set_mask(self, client: Client, mask: bytes) -> None:
        """Send a client only the messages that its mask allows.

        Raises:
            RefusedError: the mask is shorter than the public messages need, or longer than any number needs.

        """
        if not MASK_BYTES <= len(mask) <= MAX_MASK_BYTES:
            raise RefusedError(
                ErrorCode.InvalidAttribute,
                f"InputMask: expected {MASK_BYTES} to {MAX_MASK_BYTES} bytes, got {len(mask)}",
            )
        self._masks[client] = mask

    def allows(self, client: Client, number: int) -> bool:
        """Say whether a client wants the message of a number."""
        mask = self._masks.get(client)
        return mask is None or mask_allows(mask, number)

    def remove_client(self, client: Client) -> None:
        """A client is gone."""
        self._masks.pop(client, None)
