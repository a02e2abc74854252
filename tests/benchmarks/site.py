"""The site of the measurements: desktops, those who call them, and those they transfer to."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import argon2
import yaml

SWITCH = "Switch_A"
PASSWORD = "demo"


def agent(number: int) -> str:
    """Name the DN of a desktop; its phone answers at once if it is to, and its user is `agent` and the DN."""
    return f"1{number:04}"


def caller(number: int) -> str:
    """Name the DN that calls a desktop; nobody's device."""
    return f"2{number:04}"


def target(number: int) -> str:
    """Name the DN that a desktop transfers to; its phone rings and nobody answers."""
    return f"3{number:04}"


def write(folder: Path, desktops: int, *, phones_answer: bool = True) -> Path:
    """Write the site file. Its password hash is quick to check: logging in is not what is measured."""
    numbers = range(desktops)
    hashed = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    dns: list[Mapping[str, object]] = [
        *(
            {"number": agent(n), **({"phone": {"answers_after": 0}} if phones_answer else {})}
            for n in numbers
        ),
        *({"number": caller(n)} for n in numbers),
        *({"number": target(n)} for n in numbers),
    ]
    site = {
        "switches": [_switch(dns)],
        "contact_centers": [
            {
                "name": "Benchmark",
                "id": "6f9c2d3e-52b7-4e6a-9d0c-3b1f7a2e8c41",
                "features": ["api-voice"],
                "devices": [{"number": agent(n), "switch": SWITCH} for n in numbers],
                "users": [
                    {"name": f"agent{agent(n)}", "password": hashed, "devices": [agent(n)]} for n in numbers
                ],
            }
        ],
    }
    file = folder / "site.yaml"
    file.write_text(yaml.safe_dump(site), encoding="utf-8")
    return file


def write_switch(folder: Path, dns: Iterable[str]) -> Path:
    """Write a site file with a switch alone; its phones ring until somebody answers."""
    file = folder / "switch.yaml"
    site = {"switches": [_switch([{"number": dn} for dn in dns])]}
    file.write_text(json.dumps(site), encoding="utf-8")  # which is YAML, and sooner written
    return file


def _switch(dns: list[Mapping[str, object]]) -> dict[str, object]:
    return {
        "name": SWITCH,
        "tserver": {"application": "TServer_A", "port": 7010},
        "ids": {"call_uuid_prefix": "01RCC3N118B1V0SL807GK2LAES", "conn_id_base": "0071027198180000"},
        "extensions": {"BusinessCall": 0},
        "dns": dns,
    }
