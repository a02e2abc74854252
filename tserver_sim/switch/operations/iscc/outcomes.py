"""The outcome of a call to another site, for its requester.

Sources: T-Library Events and Models, EventRemoteConnectionSuccess and EventRemoteConnectionFailed. They come
after the events of the request itself, with the same ReferenceID.
"""

from typing import Any

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.state.remote_legs import AccessNumber
from tserver_sim.switch.state.switch_data import SwitchCall


def publish_remote_success(
    engine: Engine, access: AccessNumber, call: SwitchCall, remote_conn_id: int
) -> None:
    """Notify the requester that the call has come to the other site."""
    if access.requester is not None:
        event = m.EventRemoteConnectionSuccess(
            **_attributes(engine, access, call), remote_conn_id=remote_conn_id
        )
        engine.publish(event, access.requester)


def publish_remote_failure(
    engine: Engine, access: AccessNumber, call: SwitchCall, code: ErrorCode, text: str
) -> None:
    """Notify the requester why the call has not come to the other site."""
    if access.requester is not None:
        event = m.EventRemoteConnectionFailed(
            **_attributes(engine, access, call), error_code=code, error_message=text
        )
        engine.publish(event, access.requester)


def _attributes(engine: Engine, access: AccessNumber, call: SwitchCall) -> dict[str, Any]:
    return {
        **engine.stamp(),
        "reference_id": access.requester.reference_id if access.requester is not None else None,
        "extensions": engine.config.extensions,
        "this_dn": access.this_dn,
        "other_dn": access.number,
        "location": access.site,
        "conn_id": call.conn_id,
        "call_id": call.call_id,
        "call_uuid": call.call_uuid,
        "call_type": call.type,
    }
