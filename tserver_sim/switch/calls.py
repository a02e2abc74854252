"""DNs, calls and their parties."""

from dataclasses import dataclass, field

from bridge.runtime.clock import Timer
from bridge.tlib.enums import AddressType, CallType, DNRole
from bridge.tlib.kv import KVList
from tserver_sim.switch.ids import CallIds
from tserver_sim.switch.states import OCCUPYING, PartyState


@dataclass(eq=False, slots=True)
class Party:
    """One DN in one call."""

    dn: str
    role: DNRole
    """As the call was set up; it never changes."""
    state: PartyState = PartyState.NULL
    bringer: "Party | None" = None
    """Who transferred the call here."""
    ring_timer: Timer | None = None


@dataclass(eq=False, slots=True)
class Call:
    """A call, from its first party to its last."""

    ids: CallIds
    dnis: str
    """The number first dialled; a transfer does not change it."""
    user_data: KVList
    call_type: CallType = CallType.Internal
    parties: list[Party] = field(default_factory=list)

    def peer_of(self, party: Party) -> Party | None:
        """Return the party that `party` has the call with."""
        return next((other for other in self.parties if other is not party), None)


@dataclass(eq=False, slots=True)
class DN:
    """An addressable device, and its parties by the ConnID of their call."""

    number: str
    type: AddressType
    parties: dict[int, Party] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """Whether it can take no call."""
        return any(party.state in OCCUPYING for party in self.parties.values())
