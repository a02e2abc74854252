"""A client that knows nothing but its notifications."""

import json
from typing import Any


class ReplayClient:
    """Replays what it is told."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.calls: dict[str, dict[str, Any]] = {}
        self.device: dict[str, Any] = {}
        self.services: list[str] = []
        self.voice_states: list[dict[str, Any]] = []
        self.duplicates: list[dict[str, Any]] = []

    def receive(self, user_id: str, channel: str, data: bytes) -> None:  # noqa: ARG002 (there is one user)
        message = json.loads(data)
        if message["messageType"] == "ChannelStateChangeMessageV2":
            self.voice_states += [each["userState"] for each in message["channels"]]
            return
        self.messages.append(message)
        match message["messageType"]:
            case "CallStateChangeMessage":
                self._apply_call(message["notificationType"], message["call"])
            case "DeviceStateChangeMessage":
                (self.device,) = message["devices"]
            case "ServiceStateChangeMessage":
                self.services += [service["state"] for service in message["services"]]

    def _apply_call(self, kind: str, call: dict[str, Any]) -> None:
        if self.calls.get(call["id"]) == call and kind == "StatusChange":
            self.duplicates.append(call)
        if call["state"] == "Released":
            del self.calls[call["id"]]  # nobody is told of the end of what never began
        else:
            self.calls[call["id"]] = call

    def visible_calls(self) -> dict[str, tuple[str, bool, frozenset[str], tuple[tuple[str, Any], ...]]]:
        """Say what goes on at the DN: by ConnID the state, the microphone, the others and the data."""
        return {
            call["connId"]: (
                call["state"],
                call["mute"] == "On",
                frozenset(party["digits"] for party in call["participants"]),
                tuple(call.get("userData", {}).items()),
            )
            for call in self.calls.values()
        }
