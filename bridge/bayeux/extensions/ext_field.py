"""The `ext` field of a client's message, as far as this server's extensions use it."""

import msgspec
from msgspec import UNSET, Raw, UnsetType


class _ExtField(msgspec.Struct, frozen=True, gc=False):
    ack: Raw | UnsetType = UNSET
    timesync: Raw | UnsetType = UNSET


class TimeSyncRequest(msgspec.Struct, frozen=True, gc=False):
    """The client's side of the time synchronization: its time, its lag, its offset; milliseconds."""

    tc: float
    l: float = 0  # noqa: E741 (the extension's name)
    o: float = 0


_ext_decoder = msgspec.json.Decoder(_ExtField)
_ack_decoder = msgspec.json.Decoder(bool | int)
_sync_decoder = msgspec.json.Decoder(TimeSyncRequest)

_MAX_MILLISECONDS = 2.0**53
"""The largest time that is accepted: beyond it a JSON number of a browser is not exact."""


def decode_ext(ext: Raw) -> tuple[bool | int | None, TimeSyncRequest | None]:
    """Return the parts for this server's extensions; all else, in any form, is ignored."""
    try:
        requested = _ext_decoder.decode(ext)
    except (msgspec.DecodeError, RecursionError):
        return None, None
    ack: bool | int | None = None
    sync: TimeSyncRequest | None = None
    if requested.ack is not UNSET:
        try:
            ack = _ack_decoder.decode(requested.ack)
        except msgspec.DecodeError:
            ack = None
    if requested.timesync is not UNSET:
        try:
            sync = _sync_decoder.decode(requested.timesync)
        except msgspec.DecodeError:
            sync = None
        if sync is not None and max(abs(sync.tc), abs(sync.l), abs(sync.o)) > _MAX_MILLISECONDS:
            sync = None
    return ack, sync
