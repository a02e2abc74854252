"""Where the programs under load are."""

import msgspec

HOST = "127.0.0.1"


class Where(msgspec.Struct, frozen=True):
    """Where a program is: its HTTP port if it has one, and its T-Server's port if it has one."""

    http_port: int = 0
    switch_port: int = 0
