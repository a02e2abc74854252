"""How the bridge uses CometD: who may do what on it, and the options that desktops need."""

from typing import Final

from bridge import bayeux

COMETD: Final = bayeux.Options(meta_connect_deliver_only_over={bayeux.Transport.LONG_POLLING: True})
"""The CometD options of the bridge, before `--cometd`.

Over long-polling, notifications go out in the answers of `/meta/connect` only: two requests at once would not
keep their order.
"""


class NotificationPolicy:
    """Allows every user of the API to subscribe, and only the bridge to publish."""

    def can_handshake(self, context: object, message: object) -> bool:  # noqa: ARG002 (a policy's signature)
        """Return True: the user is authenticated."""
        return True

    def can_subscribe(self, context: object, session: object, channel: str) -> bool:  # noqa: ARG002
        """Return True: a session gets only what is for its user."""
        return True

    def can_publish(self, context: object, session: object, channel: str) -> bool:  # noqa: ARG002
        """Return False: a client's message would look like the bridge's own to other users."""
        return False
