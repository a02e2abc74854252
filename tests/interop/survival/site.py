"""The site of the game: one switch with a pair of T-Servers in front of it, and a user for each DN."""

import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import argon2
import yaml

SWITCH = "Switch_A"


@dataclass(frozen=True)
class Ports:
    """Where the members of the pair listen: for clients, and for each other."""

    primary: int
    primary_peer: int
    backup: int
    backup_peer: int


def free_ports() -> Ports:
    """Find four ports that nobody listens on."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return Ports(*ports)


def user_of(dn: str) -> str:
    """Name the user of a DN."""
    return f"agent{dn}"


def write_site(folder: Path, dns: list[str], ports: Ports) -> Path:
    """Write the site file."""
    password = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("demo")
    tserver: dict[str, Any] = {
        "application": "TServer_A",
        "port": ports.primary,
        "peer_port": ports.primary_peer,
        "redundancy": "hot",
        "backup": {"application": "TServer_A_B", "port": ports.backup, "peer_port": ports.backup_peer},
    }
    site = {
        "switches": [
            {
                "name": SWITCH,
                "tserver": tserver,
                "ids": {
                    "call_uuid_prefix": "01RCC3N118B1V0SL807GK2LAES",
                    "conn_id_base": "0071027198180000",
                },
                "dns": [{"number": dn} for dn in dns],
            }
        ],
        "contact_centers": [
            {
                "name": "Demo",
                "id": "6f9c2d3e-52b7-4e6a-9d0c-3b1f7a2e8c41",
                "features": ["api-voice"],
                "devices": [{"number": dn, "switch": SWITCH} for dn in dns],
                "users": [
                    {
                        "name": user_of(dn),
                        "password": password,
                        "first_name": "Agent",
                        "last_name": re.sub(r"\d", "x", dn),
                        "email": f"{user_of(dn)}@example.com",
                        "devices": [dn],
                    }
                    for dn in dns
                ],
            }
        ],
    }
    file = folder / "site.yaml"
    file.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    return file
