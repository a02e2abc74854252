"""How the events differ by profile."""

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from pydantic import ValidationError

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import Client, InMemoryServer, site
from tests.tserver_sim.ladders import C2, conference, consulting, lines, refused, talking
from tserver_sim.switch.config.profile import PROFILES, SIP_SERVER, TransferOrder, adapt_models
from tserver_sim.switch.models import MODELS
from tserver_sim.switch.state.switch_data import Sharing

Scene = Callable[..., tuple[InMemoryServer, list[Client]]]


def delivered(server: InMemoryServer) -> list[str]:
    """Return the events about calls, without hook events."""
    return [line for line in server.ladder() if "Hook " not in line]


def test_the_default_profile_tells_the_models_as_they_are_written() -> None:
    assert adapt_models(MODELS, SIP_SERVER) == MODELS


def test_a_profile_that_does_not_exist() -> None:
    with pytest.raises(ValidationError, match="profile"):
        InMemoryServer(profile="some")


def test_single_knobs_are_turned() -> None:
    turned = {
        "base": "csta-pbx",
        "recalls": False,
        "transfer_order": "released_first",
        "consult_data": "joint",
    }
    profile = site(profile=turned).switches[0].profile.profile
    assert profile == replace(
        PROFILES["csta-pbx"],
        recalls=False,
        transfer_order=TransferOrder.RELEASED_FIRST,
        consult_data=Sharing.JOINT,
    )


def test_every_knob_is_turned_by_a_profile() -> None:
    for knob in fields(SIP_SERVER):
        values = {getattr(profile, knob.name) for profile in PROFILES.values()}
        assert len(values) > 1, knob.name


# --- single-step transfer ----------------------------------------------------------------------------


def transferred(profile: str | dict[str, object]) -> tuple[InMemoryServer, list[Client]]:
    server, clients = talking(profile=profile, ring_timeout=30)
    clients[1].transfers("15002", user_data=KVList.of(Topic="Billing"))
    return server, clients


def test_a_switch_that_tells_the_transferring_party_last() -> None:
    server, (_, _, c, *_) = transferred("csta-pbx")
    assert delivered(server) == lines(
        """
        15002 <- Ringing c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15001 Data=Topic:Billing
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15001 Data=Topic:Billing
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Transferred DNIS=15001 Data=Topic:Billing Ref=2
        """
    )
    c.answers()
    assert delivered(server) == lines(
        """
        15002 <- Established c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15001 Data=Topic:Billing Ref=1
        """
    )


def test_phones_that_transfer_by_themselves() -> None:
    server, (_, _, c, *_) = transferred("refer-phones")
    assert delivered(server) == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Transferred Cause=SingleStepTransfer DNIS=15001 Data=Topic:Billing Ref=2
        15002 <- Ringing c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer DNIS=15002 Data=Topic:Billing
        """
    )
    c.answers()
    assert delivered(server) == lines(
        """
        15002 <- Established c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15002 Data=Topic:Billing Ref=1
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination 3rd=15001/TransferredBy
          CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15002 Data=Topic:Billing
        """
    )


def test_a_switch_that_tells_no_third_party() -> None:
    server, (_, _, c, *_) = transferred("acd-switch")
    assert delivered(server) == lines(
        """
        15001 <- AttachedDataChanged c1 This=15001/Destination 3rd=15001/Destination DNIS=15001
          Data=Topic:Billing
        15000 <- AttachedDataChanged c1 This=15000/Origination 3rd=15001/Destination DNIS=15001
          Data=Topic:Billing
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Transferred
          Cause=SingleStepTransfer DNIS=15001 Data=Topic:Billing Ref=2
        15002 <- Ringing c1 This=15002/Destination Other=15000/Origination CS=Transferred
          Cause=SingleStepTransfer DNIS=15001 Data=Topic:Billing
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination CS=Transferred
          Cause=SingleStepTransfer Prev=same DNIS=15001 Data=Topic:Billing
        """
    )
    c.answers()
    assert delivered(server) == lines(
        """
        15002 <- Established c1 This=15002/Destination Other=15000/Origination CS=Transferred DNIS=15001
          Data=Topic:Billing Ref=1
        """
    )


def test_the_target_takes_over_the_role_of_who_transferred() -> None:
    server, (a, *_) = talking(profile="acd-switch")
    a.transfers("15002")
    assert [delivered(server)[1]] == lines(
        """
        15002 <- Ringing c1 This=15002/Origination Other=15001/Destination CS=Transferred
          Cause=SingleStepTransfer DNIS=15001
        """
    )


@pytest.mark.parametrize("profile", ["sip-server", "refer-phones"])
def test_a_failed_transfer_ends_the_call(profile: str) -> None:
    server, (_, b, c, *_) = transferred(profile)
    server.delivered.clear()
    c.releases()
    assert {line.split()[2] for line in delivered(server)} == {"Released"}
    assert server.tserver.switch.state.calls == {}
    assert b.events[-1].reference_id == 2


@pytest.mark.parametrize("profile", ["csta-pbx", "acd-switch", {"base": "sip-server", "recalls": True}])
def test_a_failed_transfer_comes_back(profile: str | dict[str, object]) -> None:
    server, (a, b, c, *_) = transferred(profile)
    server.delivered.clear()
    c.releases()
    first, second, third = delivered(server)
    assert first.startswith("15002 <- Released c1 This=15002/")
    assert second.startswith(
        "15001 <- Ringing c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination "
        "CS=Redirected"
    )
    assert third.startswith(
        "15000 <- PartyChanged c1 This=15000/Origination Other=15001/Destination 3rd=15002/Destination "
        "CS=Redirected"
    )
    b.answers()
    a.releases()
    assert server.tserver.switch.state.calls == {}


def test_a_transfer_that_nobody_answers_comes_back_once() -> None:
    server, _ = transferred("csta-pbx")
    server.delivered.clear()
    server.clock.advance(30)
    assert delivered(server) == lines(
        """
        15002 <- Released c1 This=15002/Destination Other=15000/Origination CS=NoAnswer DNIS=15001
          Data=Topic:Billing
        15001 <- Ringing c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Redirected DNIS=15001 Data=Topic:Billing
        15000 <- PartyChanged c1 This=15000/Origination Other=15001/Destination 3rd=15002/Destination
          CS=Redirected DNIS=15001 Data=Topic:Billing
        """
    )
    server.clock.advance(30)
    assert delivered(server) == lines(
        """
        15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=NoAnswer DNIS=15001
          Data=Topic:Billing
        15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=NoAnswer DNIS=15001
          Data=Topic:Billing
        """
    )
    assert server.tserver.switch.state.calls == {}


def test_a_failed_transfer_does_not_come_back_to_who_is_busy() -> None:
    server, (_, b, c, *_) = transferred("csta-pbx")
    b.calls("15003")
    server.delivered.clear()
    c.releases()
    assert delivered(server) == lines(
        """
        15002 <- Released c1 This=15002/Destination Other=15000/Origination CS=Ok DNIS=15001
          Data=Topic:Billing Ref=1
        15000 <- Released c1 This=15000/Origination Other=15002/Destination CS=Ok DNIS=15001
          Data=Topic:Billing
        """
    )


def test_a_transfer_to_somebody_outside_who_is_busy_comes_back() -> None:
    server, (_, b, *_) = talking(
        profile="csta-pbx",
        trunks=[{"name": "Trunk", "lines": 1}],
        dial_plan=[{"prefix": "0", "trunk": "Trunk"}],
        outside=[{"prefix": "0", "phone": {"busy": True}}],
    )
    b.transfers("0301")
    assert delivered(server) == lines(
        """
        15000 <- PartyChanged c1 This=15000/Origination Other=0301/Destination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15001
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=0301/Destination
          CS=Transferred DNIS=15001 Ref=2
        15001 <- Ringing c1 This=15001/Destination Other=15000/Origination 3rd=0301/Destination
          CS=Redirected DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15001/Destination 3rd=0301/Destination
          CS=Redirected DNIS=15001
        """
    )
    assert server.tserver.switch.state.legs == {}


def test_a_call_that_has_come_back_is_not_passed_on_before_it_is_answered() -> None:
    server, (a, _, c, *_) = transferred("csta-pbx")
    c.releases()
    server.delivered.clear()
    for kind in (m.RequestMuteTransfer, m.RequestSingleStepTransfer):
        assert refused(server, a, kind, other_dn="15600").startswith("496 ")
    a.does(m.RequestInitiateTransfer, other_dn="15600")
    server.delivered.clear()
    error = refused(server, a, m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    assert error == "496 nobody would be left who talks"


def test_a_blind_transfer_by_consultation_comes_back_too() -> None:
    server, (_, b, c, *_) = talking(profile="csta-pbx")
    b.does(m.RequestMuteTransfer, other_dn="15002")
    server.delivered.clear()
    c.releases()
    assert delivered(server) == lines(
        """
        15002 <- Released c1 This=15002/Destination Other=15000/Origination CS=Ok DNIS=15001 Ref=1
        15001 <- Ringing c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Redirected DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15001/Destination 3rd=15002/Destination
          CS=Redirected DNIS=15001
        """
    )


# --- in a conference ---------------------------------------------------------------------------------


def test_a_transfer_out_of_a_conference_as_a_leaving_and_a_coming() -> None:
    server, (_, b, *_) = conference(profile="acd-switch")
    b.does(m.RequestSingleStepTransfer, call=1, other_dn="15003")
    assert delivered(server) == lines(
        """
        15001 <- Released c1 This=15001/Destination CS=Transferred Cause=SingleStepTransfer DNIS=15001
          Ref=4
        15003 <- Ringing c1 This=15003/ConferenceMember 3rd=15001/TransferredBy CS=Conferenced
          Cause=SingleStepTransfer DNIS=15001
        15000 <- PartyDeleted c1 This=15000/Origination Other=15001/DeletedParty 3rd=15001/DeletedBy
          CS=Conferenced Cause=SingleStepTransfer DNIS=15001
        15002 <- PartyDeleted c1 This=15002/ConferenceMember Other=15001/DeletedParty 3rd=15001/DeletedBy
          CS=Conferenced Cause=SingleStepTransfer DNIS=15001
        15000 <- PartyAdded c1 This=15000/Origination Other=15003/NewParty 3rd=15001/AddedBy CS=Conferenced
          Cause=SingleStepTransfer DNIS=15001
        15002 <- PartyAdded c1 This=15002/ConferenceMember Other=15003/NewParty 3rd=15001/AddedBy
          CS=Conferenced Cause=SingleStepTransfer DNIS=15001
        """
    )


def test_phones_tell_of_a_transfer_out_of_a_conference_when_the_target_answers() -> None:
    server, (_, b, _, d, _) = conference(profile="refer-phones")
    b.does(m.RequestSingleStepTransfer, call=1, other_dn="15003")
    server.delivered.clear()
    d.answers()
    assert delivered(server) == lines(
        """
        15003 <- Established c1 This=15003/ConferenceMember 3rd=15001/TransferredBy CS=Transferred
          DNIS=15003 Ref=1
        15000 <- PartyChanged c1 This=15000/Origination Other=15003/ConferenceMember
          3rd=15001/TransferredBy CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15003
        15002 <- PartyChanged c1 This=15002/ConferenceMember Other=15003/ConferenceMember
          3rd=15001/TransferredBy CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15003
        """
    )


def test_the_others_never_hear_of_a_target_that_did_not_answer() -> None:
    server, (_, b, _, d, _) = conference(profile="refer-phones")
    b.does(m.RequestSingleStepTransfer, call=1, other_dn="15003")
    server.delivered.clear()
    d.releases()
    assert delivered(server) == lines(
        """
        15003 <- Released c1 This=15003/ConferenceMember CS=Ok DNIS=15003 Ref=1
        """
    )


def test_an_invited_party_counts_as_added_while_it_rings() -> None:
    server, (_, b, c, *_) = talking(profile="refer-phones")
    b.does(m.RequestSingleStepConference, other_dn="15002")
    assert delivered(server) == lines(
        """
        15002 <- Ringing c1 This=15002/ConferenceMember 3rd=15001/AddedBy CS=Conferenced DNIS=15001
        15001 <- PartyAdded c1 This=15001/Destination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001 Ref=2
        15000 <- PartyAdded c1 This=15000/Origination Other=15002/NewParty 3rd=15001/AddedBy CS=Conferenced
          DNIS=15001
        """
    )
    c.releases()
    assert delivered(server) == lines(
        """
        15002 <- Released c1 This=15002/ConferenceMember CS=Ok DNIS=15001 Ref=1
        15000 <- PartyDeleted c1 This=15000/Origination Other=15002/DeletedParty 3rd=15002/DeletedBy CS=Ok
          DNIS=15001
        15001 <- PartyDeleted c1 This=15001/Destination Other=15002/DeletedParty 3rd=15002/DeletedBy CS=Ok
          DNIS=15001
        """
    )


# --- by consultation ---------------------------------------------------------------------------------


def test_a_switch_that_releases_the_main_call_first() -> None:
    server, (_, b, *_) = consulting(profile="csta-pbx")
    b.does(m.RequestCompleteTransfer, call=1, transfer_conn_id=C2)
    assert delivered(server) == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=15002/Destination
          CS=Transferred DNIS=15001 Ref=3
        15001 <- Released c2 Type=Consult This=15001/Origination Other=15002/Destination CS=Transferred
          Prev=c1 DNIS=15002 Ref=3
        15002 <- PartyChanged c1 This=15002/Destination Other=15000/Origination 3rd=15001/TransferredBy
          CS=Transferred Prev=c2 DNIS=15001
        15000 <- PartyChanged c1 This=15000/Origination Other=15002/Destination 3rd=15001/TransferredBy
          CS=Transferred DNIS=15001
        """
    )


@pytest.mark.parametrize(
    ("profile", "data"),
    [
        ("csta-pbx", KVList()),
        ("sip-server", KVList.of(Name="Miller")),
        ("acd-switch", KVList.of(Name="Miller")),
    ],
)
def test_what_data_a_consultation_begins_with(profile: str, data: KVList) -> None:
    server = InMemoryServer(profile=profile)
    a, b, _ = server.agents("15000", "15001", "15002")
    a.calls("15001", user_data=KVList.of(Name="Miller"))
    b.answers()
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    assert server.tserver.switch.state.calls[C2].user_data == data


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("scene", [talking, consulting, conference])
def test_every_call_ends(profile: str, scene: Scene) -> None:
    server, clients = scene(profile=profile)
    clients[1].does(m.RequestSingleStepTransfer, call=1, other_dn="15003")
    clients[3].does(m.RequestAnswerCall, call=1)
    for client in clients:
        for conn_id in list(server.tserver.switch.engine.parties_of(client.name)):
            client.does(m.RequestReleaseCall, conn_id=conn_id)
    assert server.tserver.switch.state.calls == {}
    assert server.tserver.switch.state.timers == {}
