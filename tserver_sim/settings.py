"""The settings of `tserver-sim serve`; README.md tells what each means."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

from bridge.runtime.settings import DEMO_SITE, Level, Port
from tserver_sim.server.pair.roles import ConfiguredRole


class SimulatorSettings(BaseSettings):
    """What the program runs with; each is also a flag and an environment variable."""

    model_config = SettingsConfigDict(env_prefix="TSERVER_SIM_")

    site: Path = DEMO_SITE
    host: str = "127.0.0.1"
    port: Port | None = None
    member: ConfiguredRole = ConfiguredRole.PRIMARY
    switches: str | None = None
    control_port: Port = 7011
    clock: Literal["loop", "held"] = "loop"
    log_level: Level = "warning"
    wire: Literal["msgpack", "json"] = "msgpack"

    @property
    def chosen(self) -> set[str] | None:
        """The names of the switches to run; None: all."""
        if self.switches is None:
            return None
        return {name.strip() for name in self.switches.split(",")}

    def ports(self, switches: Sequence[str]) -> dict[str, int]:
        """Return the ports that are not left to the site file, by the names of the switches."""
        if self.port is None:
            return {}
        return dict.fromkeys(switches, 0) if self.port == 0 else {switches[0]: self.port}
