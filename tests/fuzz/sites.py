"""The site that is tested: a few DNs of every type, on which everything may happen, and the witness's."""

from tests.fuzz.control_client import CALLED, CALLER

_EXTENSIONS = [f"1500{number}" for number in range(8)]
_OTHERS = {"15500": "route_point", "15501": "route_point", "15600": "acd_queue"}

DNS = (*_EXTENSIONS, *_OTHERS)
"""What may be named in requests and events."""

SITE = {
    "switches": [
        {
            "name": "Switch_A",
            "tserver": {"application": "TServer_A", "port": 0},
            "ids": {"call_uuid_prefix": "01RCC3N118B1V0SL807GK2LAES", "conn_id_base": "0071027198180000"},
            "extensions": {"BusinessCall": 0},
            "ring_timeout": 20,
            "dns": [
                *({"number": dn} for dn in _EXTENSIONS[:-2]),
                *({"number": dn, "phone": {"answers_after": 1}} for dn in _EXTENSIONS[-2:]),
                *({"number": dn, "type": kind} for dn, kind in _OTHERS.items()),
                *({"number": dn} for dn in (CALLER, CALLED)),
            ],
        },
        {
            "name": "Switch_B",
            "tserver": {"application": "TServer_B", "port": 0},
            "ids": {"call_uuid_prefix": "02RCC3N118B1V0SL807GK2LAES", "conn_id_base": "0072027198180000"},
            "dns": [{"number": "25000"}],
        },
    ]
}
