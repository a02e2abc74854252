"""A client that knows nothing but its notifications."""

import json
from typing import Any


class Client:
    """Replays what it is told."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.calls: dict[str, dict[str, Any]] = {}
        self.device: dict[str, Any] = {}
        self.services: list[str] = []
        self.voice_states: list[dict[str, Any]] = []
        self.doubled: list[dict[str, Any]] = []

    def take(self, user_id: str, channel: str, data: bytes) -> None:  # noqa: ARG002 (there is one user)
        message = json.loads(data)
        if message["messageType"] == "ChannelStateChangeMessageV2":
            self.voice_states += [each["userState"] for each in message["channels"]]
            return
        self.messages.append(message)
        match message["messageType"]:
            case "CallStateChangeMessage":
                self._take_call(message["notificationType"], message["call"])
            case "DeviceStateChangeMessage":
                (self.device,) = message["devices"]
            case "ServiceStateChangeMessage":
                self.services += [service["state"] for service in message["services"]]

    def _take_call(self, kind: str, call: dict[str, Any]) -> None:
        if self.calls.get(call["id"]) == call and kind == "StatusChange":
            self.doubled.append(call)
        if call["state"] == "Released":
            del self.calls[call["id"]]  # nobody is told of the end of what never began
        else:
            self.calls[call["id"]] = call

    def sees(self) -> dict[str, tuple[str, bool, frozenset[str], tuple[tuple[str, Any], ...]]]:
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
