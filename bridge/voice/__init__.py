"""The telephone domain without I/O: operations become requests, events become state and notifications."""

from bridge.voice.service import PendingRequest, VoiceService

__all__ = ["PendingRequest", "VoiceService"]
