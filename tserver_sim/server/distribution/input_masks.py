"""Input masks: which events a client wants to receive (T-Library, TSetInputMask)."""

from bridge.tlib.errors import ErrorCode
from bridge.tlib.session import MASK_BYTES, MAX_MASK_BYTES, mask_allows
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.switch.interface.refusal import RefusedError


class InputMasks:
    """The input masks of the clients that have set one. A client without a mask receives every event.

    A mask applies to events about DNs and calls. Replies to the client's own requests, and events about the
    link and the T-Server, are sent whatever the mask says.
    """

    def __init__(self) -> None:
        self._masks: dict[Client, bytes] = {}

    def __bool__(self) -> bool:
        """Whether any client has set a mask."""
        return bool(self._masks)

    def set_mask(self, client: Client, mask: bytes) -> None:
        """Set the mask of a client.

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
        """Return whether the mask of a client allows the message with this number."""
        mask = self._masks.get(client)
        return mask is None or mask_allows(mask, number)

    def remove_client(self, client: Client) -> None:
        """Remove the mask of a client that has disconnected."""
        self._masks.pop(client, None)
