"""What happens on the day: each step is something that somebody does, in order.

The day is agent15000's; only what this agent is told is compared. 15001's phone answers by itself after a
second, agent15002 and the supervisor act through the API, and callers outside through the simulator's control
API. Time is the switch's and stands still unless a step moves it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.agent import Agent
from tests.playbook import DEVICE_15000

DEVICE = f"/me/devices/{DEVICE_15000}"
CALLER = "9165550104"


class Day:
    """The people of the day."""

    def __init__(self, me: Agent, colleague: Agent, supervisor: Agent, control: httpx.AsyncClient) -> None:
        self.me = me
        self.colleague = colleague
        self.supervisor = supervisor
        self._control = control
        self.device_ids: list[str] = []
        """The ids of the devices of the colleague and of the supervisor."""
        self.calls: list[str] = []
        """The ids of this agent's calls, in the order in which they were first told of."""

    def on_notification(self, message: dict[str, Any]) -> None:
        """Take note of a notification."""
        call_id = message["data"].get("call", {}).get("id")
        if call_id is not None and call_id not in self.calls:
            self.calls.append(call_id)

    @property
    def call(self) -> str:
        """The path of the newest call."""
        return f"/me/calls/{self.calls[-1]}"

    @property
    def call_before(self) -> str:
        """The path of the call before that."""
        return f"/me/calls/{self.calls[-2]}"

    async def does(self, path: str, operation: str, **parameters: Any) -> None:
        await accepted(self.me, path, operation, **parameters)

    async def changes_state(self, operation: str, **parameters: Any) -> None:
        await self.does("/me/channels/voice", operation, **parameters)

    async def colleague_answers(self) -> None:
        """Let the colleague take the call that rings there."""
        while not (calls := (await self.colleague.get("/me/calls?fields=id,state")).json["calls"]):
            pass  # the event is still on its way; each question waits for the one before
        await accepted(self.colleague, f"/me/calls/{calls[0]['id']}", "Answer")

    async def colleague_leaves(self) -> None:
        """Let the colleague hang up whatever there is."""
        for call in (await self.colleague.get("/me/calls?fields=id")).json["calls"]:
            await accepted(self.colleague, f"/me/calls/{call['id']}", "Hangup")

    async def incoming_call(self, number: str, **data: Any) -> None:
        call = {"switch": "Switch_A", "from": number, "to": "15000", "user_data": data}
        answer = await self._control.post("calls", json=call)
        assert answer.json()["outcome"] == "Ok", answer.text

    async def time_passes(self, seconds: int) -> None:
        answer = await self._control.post("clock/advance", json={"seconds": seconds})
        assert answer.status_code == httpx.codes.OK, answer.text


async def accepted(agent: Agent, path: str, operation: str, **parameters: Any) -> None:
    answer = await agent.post(path, operation, **parameters)
    assert answer.json == {"statusCode": 0}, (operation, answer.json)


Step = Callable[[Day], Awaitable[object]]


def to(number: str, **more: Any) -> dict[str, Any]:
    return {"destination": {"phoneNumber": number}, **more}


MORNING: dict[str, Step] = {
    "logs in": lambda day: day.does("/me", "StartContactCenterSession", channels=["voice"]),
    "is ready": lambda day: day.changes_state("Ready"),
    "a customer calls": lambda day: day.incoming_call(CALLER, Tier="gold", Order={"Id": 4711, "Items": 2}),
    "answers": lambda day: day.does(day.call, "Answer"),
    "attaches data": lambda day: day.does(day.call, "AttachUserData", userData={"Reason": "Invoice"}),
    "changes nested data": lambda day: day.does(
        day.call, "UpdateUserData", userData={"Order": {"Id": 4712, "Note": "naïve ☎"}, "Tier": "silver"}
    ),
    "deletes a pair": lambda day: day.does(day.call, "DeleteUserDataPair", key="Reason"),
    "eight seconds later holds": lambda day: _later(day, 8, "Hold"),
    "five seconds later retrieves": lambda day: _later(day, 5, "Retrieve"),
    "presses keys": lambda day: day.does(day.call, "SendDtmf", digits="12#"),
    "starts recording": lambda day: day.does(day.call, "StartCallRecording"),
    "pauses recording": lambda day: day.does(day.call, "PauseCallRecording"),
    "resumes recording": lambda day: day.does(day.call, "ResumeCallRecording"),
    "stops recording": lambda day: day.does(day.call, "StopCallRecording"),
    "mutes": lambda day: day.does(day.call, "MuteCall"),
    "unmutes": lambda day: day.does(day.call, "UnmuteCall"),
    "asks a colleague": lambda day: day.does(
        day.call, "InitiateTransfer", **to("15002", userData={"Question": "Refund?"})
    ),
    "the colleague answers": lambda day: day.colleague_answers(),
    "swaps": lambda day: day.does(
        day.call_before, "SwapCalls", otherCallUri=f"http://127.0.0.1:8080/api/v2{day.call}"
    ),
    "swaps back": lambda day: day.does(
        day.call, "SwapCalls", otherCallUri=f"http://127.0.0.1:8080/api/v2{day.call_before}"
    ),
    "hands the customer over": lambda day: day.does(day.call, "CompleteTransfer"),
    "the colleague hangs up": lambda day: day.colleague_leaves(),
    "works after the call": lambda day: day.changes_state("AfterCallWork"),
    "is ready again": lambda day: day.changes_state("Ready"),
}

AFTERNOON: dict[str, Step] = {
    "dials": lambda day: day.does(f"{DEVICE}/calls", "Dial", **to("15001", userData={"Topic": "Shift"})),
    "the other phone answers": lambda day: day.time_passes(1),
    "invites a colleague": lambda day: day.does(day.call, "InitiateConference", **to("15002")),
    "the colleague joins": lambda day: day.colleague_answers(),
    "all three talk": lambda day: day.does(day.call, "CompleteConference"),
    "removes the colleague": lambda day: day.does(
        day.call_before, "RemoveParticipantFromConference", participant="15002"
    ),
    "brings the colleague in at once": lambda day: day.does(
        day.call_before, "SingleStepConference", **to("15002")
    ),
    "the colleague joins again": lambda day: day.colleague_answers(),
    "ends it for all": lambda day: day.does(day.call_before, "ClearCall"),
    "dials nobody": lambda day: day.does(f"{DEVICE}/calls", "Dial", **to("777")),
    "gives up": lambda day: day.does(day.call, "Hangup"),
    "the supervisor watches the desk": lambda day: accepted(
        day.supervisor,
        f"/me/devices/{day.device_ids[1]}",
        "ListenIn",
        targetDeviceUri=f"/devices/{DEVICE_15000}",
    ),
    "dials out": lambda day: day.does(f"{DEVICE}/calls", "Dial", **to("9" + CALLER)),
    "outside answers": lambda day: day.time_passes(2),
    "the supervisor has seen enough": lambda day: accepted(
        day.supervisor, f"/me/devices/{day.device_ids[1]}", "CancelSupervisorMonitoring"
    ),
    "transfers at once": lambda day: day.does(
        day.call, "SingleStepTransfer", **to("15002", userData={"TransferReason": "Escalation"})
    ),
    "wants no calls": lambda day: day.does(DEVICE, "DoNotDisturbOn"),
    "wants calls again": lambda day: day.does(DEVICE, "DoNotDisturbOff"),
    "sends calls on": lambda day: day.does(DEVICE, "ForwardCallsOn", destination="15002"),
    "takes calls again": lambda day: day.does(DEVICE, "ForwardCallsOff"),
    "does something else": lambda day: day.changes_state("AuxWork"),
    "has a break": lambda day: day.changes_state("NotReady"),
    "goes offline": lambda day: day.changes_state("Offline"),
    "logs out": lambda day: day.does("/me", "EndContactCenterSession"),
}

STEPS = MORNING | AFTERNOON


async def _later(day: Day, seconds: int, operation: str) -> None:
    await day.time_passes(seconds)
    await day.does(day.call, operation)
