"""Where a number leads: the address that takes the call, or the reason why it cannot be reached."""

from dataclasses import dataclass

from bridge.tlib.enums import AddressType, CallState, DNRole, ForwardMode
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.chance import chance
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.numbering.dial_plan import Rule, rule_for
from tserver_sim.switch.numbering.trunks import has_free_line
from tserver_sim.switch.operations.base.checks import PHONES, is_busy
from tserver_sim.switch.state import phone_behaviour
from tserver_sim.switch.state.phone_behaviour import Behaviour
from tserver_sim.switch.state.remote_legs import AccessNumber
from tserver_sim.switch.state.switch_data import Party, SwitchDN

MAX_NUMBER_LENGTH = 255
MAX_FORWARDS = 5
"""Forwards that are followed; more (a circle) end as a busy phone."""

ALWAYS = frozenset({ForwardMode.Unconditional, ForwardMode.SendAllCalls})
"""The forwarding modes in which no call comes to the DN itself."""
_WHEN_BUSY = ALWAYS | {ForwardMode.OnBusy, ForwardMode.OnBusyAndNoAnswer}


@dataclass(frozen=True, slots=True)
class RoutingLookup:
    """Where a number leads."""

    number: str
    """The number at which the call ends up."""
    address: AddressType
    failure: CallState | None = None
    """The CallState with which the call fails."""
    forwarded: bool = False
    """Whether another DN than the dialled one takes the call."""
    trunk: str = ""
    """The trunk group through which the call leaves this switch."""
    outside_number: str = ""
    """The number as it is dialled there."""
    site: str = ""
    """The switch of the site to which the call goes, if another one."""

    @property
    def is_outside(self) -> bool:
        """Whether the call leaves this switch."""
        return self.address is AddressType.Trunk

    def party(self, role: DNRole = DNRole.Destination) -> Party:
        """Return a new party for the call."""
        return Party(
            self.number,
            role,
            self.address,
            trunk=self.trunk,
            outside_number=self.outside_number,
            site=self.site,
        )


def look_up(engine: Engine, number: str) -> RoutingLookup:
    """Return where a number leads, with forwards followed.

    Raises:
        RefusedError: the number is empty or too long.

    """
    if not 0 < len(number) <= MAX_NUMBER_LENGTH:
        raise RefusedError(
            ErrorCode.InvalidDestination, f"OtherDN: expected 1 to {MAX_NUMBER_LENGTH} characters"
        )
    if engine.current_access is not None and engine.current_access.number == number:
        return _lookup_at_site(engine.current_access)
    forwarded = False
    for _ in range(MAX_FORWARDS):
        device = engine.state.devices.get(number)
        if device is None and (access := _find_access_number(engine, number)) is not None:
            if access.site != engine.config.location.switch:
                return _lookup_at_site(access)
            number = access.number
            continue
        if device is None:
            rule = rule_for(engine.config.dial_plan, number)
            if rule is None or rule.trunk is not None or rule.failure is not None:
                return _lookup_outside(engine, number, rule, forwarded=forwarded)
            device = engine.state.devices.get(rule.rewrite(number))
        if device is None or device.virtual:
            return RoutingLookup(number, AddressType.Unknown, CallState.SitInvalidNum, forwarded)
        target = _forward_target(engine, device)
        if target is None:
            return RoutingLookup(device.number, device.type, _failure(engine, device), forwarded)
        number, forwarded = target, True
    return RoutingLookup(number, AddressType.Unknown, CallState.Busy, forwarded)


def look_up_reachable(engine: Engine, number: str) -> RoutingLookup:
    """Return where a number leads, for an operation that is refused if it cannot be reached.

    Raises:
        RefusedError: it cannot be reached.

    """
    lookup = look_up(engine, number)
    if lookup.failure is None:
        return lookup
    raise RefusedError(
        *_REFUSALS.get(lookup.failure, (ErrorCode.InvalidDestination, "OtherDN: not a DN of this switch"))
    )


_NOT_REACHABLE = ErrorCode.InvalidDestination, "OtherDN: not a DN of this switch"

_REFUSALS = {
    CallState.Busy: (ErrorCode.DNBusy, "OtherDN is busy"),
    CallState.SitNoCircuit: (ErrorCode.OutOfService, "OtherDN is out of service"),
    CallState.AllTrunksBusy: (ErrorCode.AllTrunksBusy, "all trunks are busy"),
    CallState.QueueFull: (ErrorCode.DNBusy, "OtherDN: the queue is full"),
}


def _find_access_number(engine: Engine, number: str) -> AccessNumber | None:
    """Return the access number that a client has requested and now calls."""
    return next((each for each in engine.state.accesses.values() if each.access_number == number), None)


def _lookup_at_site(access: AccessNumber) -> RoutingLookup:
    return RoutingLookup(
        access.number, AddressType.Trunk, outside_number=access.access_number, site=access.site
    )


def _lookup_outside(engine: Engine, number: str, rule: Rule | None, *, forwarded: bool) -> RoutingLookup:
    """Return where a number leads that is no DN of the switch."""
    if rule is None or rule.trunk is None:
        failure = rule.failure if rule else None
        return RoutingLookup(number, AddressType.Unknown, failure or CallState.SitInvalidNum, forwarded)
    trunk = engine.config.trunks[rule.trunk]
    failure = None if has_free_line(engine.state, trunk) else CallState.AllTrunksBusy
    return RoutingLookup(number, AddressType.Trunk, failure, forwarded, trunk.name, rule.rewrite(number))


def _forward_target(engine: Engine, device: SwitchDN) -> str | None:
    forward = device.forward
    if forward is None:
        return None
    if forward.mode in ALWAYS or (forward.mode in _WHEN_BUSY and _failure(engine, device) is CallState.Busy):
        return forward.target
    return None


def _failure(engine: Engine, device: SwitchDN) -> CallState | None:
    if device.out_of_service:
        return CallState.SitNoCircuit
    queue = engine.config.queues.get(device.number)
    if queue is not None and queue.max_waiting is not None and len(device.waiting) >= queue.max_waiting:
        return CallState.QueueFull
    if device.type in PHONES and (
        device.dnd or is_busy(engine, device.number) or _acts_busy(engine, device.phone)
    ):
        return CallState.Busy
    return None


def _acts_busy(engine: Engine, phone: Behaviour | None) -> bool:
    """Return whether a phone acts busy towards the next call; asking changes nothing."""
    if phone is None:
        return False
    return phone_behaviour.is_busy(phone, chance(engine.config.seed, "busy", engine.state.sequence))
