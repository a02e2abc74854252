"""The settings of `tserver-sim serve`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from bridge.runtime.settings import DEMO_SITE, Flag, Level, Port, ProgramSettings
from tserver_sim.server.pair.roles import ConfiguredRole


class SimulatorSettings(ProgramSettings):
    """The settings of `tserver-sim serve`."""

    model_config = SettingsConfigDict(env_prefix="TSERVER_SIM_")

    site: Annotated[Path, Field(description="the site file"), Flag("FILE")] = DEMO_SITE
    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[
        int | None,
        Field(
            ge=0,
            le=65535,
            description="port of the first switch, instead of the site file's; 0 takes a free one for every "
            "switch",
        ),
    ] = None
    member: Annotated[ConfiguredRole, Field(description="which T-Server of each pair to run")] = (
        ConfiguredRole.PRIMARY
    )
    switches: Annotated[
        str | None,
        Field(description="the switches to run, separated by commas; all if none is named"),
        Flag("NAME,..."),
    ] = None
    control_host: Annotated[str, Field(description="address that the control API listens on")] = "127.0.0.1"
    control_names: Annotated[
        str | None,
        Field(
            description="host names, separated by commas, by which the control API may be called, besides "
            "localhost and IP addresses"
        ),
        Flag("NAME,..."),
    ] = None
    control_port: Annotated[
        Port, Field(description="port of the control API; 0 takes a free one"), Flag("PORT")
    ] = 7011
    clock: Annotated[
        Literal["loop", "held"],
        Field(description="held: time stands still until the control API advances it"),
    ] = "loop"
    wire: Annotated[
        Literal["msgpack", "json"],
        Field(description="how messages to clients are written; json is for reading"),
    ] = "msgpack"
    log_level: Annotated[Level, Field(description="the lowest level that is logged")] = "warning"

    @property
    def allowed_names(self) -> set[str]:
        """The host names by which the control API may be called."""
        return {name.strip() for name in (self.control_names or "").split(",")} - {""}

    @property
    def chosen(self) -> set[str] | None:
        """The names of the switches to run; None for all."""
        if self.switches is None:
            return None
        return {name.strip() for name in self.switches.split(",")}

    def ports(self, switches: Sequence[str]) -> dict[str, int]:
        """Return, by switch, the ports that replace those of the site file.

        Args:
            switches: The names of the switches to run, in the order of the site file.

        """
        if self.port is None:
            return {}
        return dict.fromkeys(switches, 0) if self.port == 0 else {switches[0]: self.port}
