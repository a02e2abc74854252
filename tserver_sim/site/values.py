"""The types of values in the simulator's part of the site file, and the base of its mappings."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from bridge.runtime.sitefile import expected
from bridge.tlib.kv import INT_MAX, INT_MIN

Name = Annotated[
    str,
    Field(pattern=r"^[\w.-]{1,64}$"),
    expected("a name of up to 64 letters, digits, dots, hyphens and underscores"),
]
Host = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,255}$"), expected("the name or address of a machine")
]
File = Annotated[str, Field(min_length=1, max_length=4096), expected("the path of a file")]
Digits = Annotated[str, Field(pattern=r"^[0-9]{1,32}$"), expected("a string of up to 32 digits")]
Port = Annotated[int, Field(ge=0, le=65535, strict=True), expected("a port, 0 to 65535")]
Extension = Annotated[
    StrictStr | Annotated[StrictInt, Field(ge=INT_MIN, le=INT_MAX)], expected("a string or a 32-bit integer")
]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False), expected("seconds, 0 to 86400")]
Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True), expected("an integer from 0 up")]
Duration = Annotated[float, Field(gt=0, le=86_400), expected("seconds, up to 86400")]


class SitePart(BaseModel):
    """A mapping of the site file. Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
