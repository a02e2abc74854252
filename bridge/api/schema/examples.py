"""A valid body of each operation, made from the struct that reads it.

The documents show it, and tests start from it.
"""

from typing import Any, Final

import msgspec
from msgspec import inspect

_CALL: Final = "/calls/01RCC3N118B1V0SL807GK2LAES00000E"

EXAMPLE_VALUES: Final[dict[str, Any]] = {
    "channels": ["voice"],
    "consultCallUri": _CALL,
    "destination": {"phoneNumber": "15002"},
    "devicePath": "/devices/631608b3-ceb1-472b-ba05-2ae39555b0d1",
    "digits": "12#",
    "ForwardCallsOn.destination": "15002",
    "key": "Reason",
    "location": "Switch_B",
    "loginCode": "15000",
    "otherCallUri": _CALL,
    "outboundCallerId": "5555550100",
    "participant": "15001",
    "phoneNumber": "15500",
    "place": "Desk 1",
    "queue": "15600",
    "supervisorMonitoringMode": "AllCalls",
    "supervisorMonitoringScope": "Call",
    "targetDeviceUri": "/devices/631608b3-ceb1-472b-ba05-2ae39555b0d1",
    "userData": {"Reason": "Billing", "Customer": {"Id": 7}},
    "wrapUpTime": "30",
}
"""A value of each parameter, by name, with the operation before it where two differ."""


def example_body(body: type[msgspec.Struct]) -> dict[str, Any]:
    """Return a body with all parameters that have no default."""
    kind = inspect.type_info(body)
    assert isinstance(kind, inspect.StructType)  # noqa: S101 (so that types are known)
    required = (field.encode_name for field in kind.fields if field.required)
    return {"operationName": body.__name__} | {name: example_value(body, name) for name in required}


def example_value(body: type[msgspec.Struct], name: str) -> Any:  # noqa: ANN401 (whatever JSON can hold)
    """Return a value of a parameter."""
    own = f"{body.__name__}.{name}"
    return EXAMPLE_VALUES[own if own in EXAMPLE_VALUES else name]
