"""Everything that is read: the forms of the answers, and what is in them."""

from typing import Any

import pytest

from tests.agent import Answer
from tests.loop import run
from tests.playbook import CALL_ID, DEVICE_15000, playing

SERVER = "http://127.0.0.1:8080"
API = f"{SERVER}/api/v2"
FEATURES = [
    "api-voice",
    "api-voice-recording",
    "api-supervisor-monitoring",
    "api-supervisor-agent-control",
    "api-provisioning-read",
    "api-provisioning-write",
]


def read(*paths: str, user: str = "agent15000") -> list[Any]:
    """Read some addresses while agent15000 talks; each must be found."""

    async def scene() -> list[Any]:
        async with playing() as book:
            talking = await book.talking()
            agent = talking if user == "agent15000" else book.agent(user)
            answers = [await agent.get(path) for path in paths]
            for path, answer in zip(paths, answers, strict=True):
                assert answer.status == 200, (path, answer.json)
                assert answer.json.pop("statusCode") == 0
            return [answer.json for answer in answers]

    return run(scene())


def names(resources: list[dict[str, Any]], key: str = "name") -> list[Any]:
    return [resource[key] for resource in resources]


class Ids(dict[str, str]):
    """Ids for addresses; what is not known is not there."""

    def __missing__(self, name: str) -> str:
        return f"no-{name}"


# --- forms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("collection", "name"),
    [
        ("/me/devices", "devices"),
        ("/me/calls", "calls"),
        (f"/me/devices/{DEVICE_15000}/calls", "calls"),
        ("/me/features", "features"),
        ("/features", "features"),
        ("/services", "services"),
        ("/voice-environments", "voiceEnvironments"),
    ],
)
def test_a_collection_is_addresses_or_objects_or_parts_of_them(collection: str, name: str) -> None:
    bare, empty, whole, some, several, none = read(
        collection,
        f"{collection}?fields=",
        f"{collection}?fields=*",
        f"{collection}?fields=id,uri,nothing",
        f"{collection}?fields=id&fields=uri",
        f"{collection}?fields=nothing",
    )
    objects = whole[name]
    assert objects
    assert bare == empty == {"uris": names(objects, "uri")}
    assert some == several == {name: [{"id": each["id"], "uri": each["uri"]} for each in objects]}
    assert none == {name: [{} for _ in objects]}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/me", "user"),
        (f"/me/devices/{DEVICE_15000}", "device"),
        (f"/me/calls/{CALL_ID}", "call"),
        ("/features/api-voice", "feature"),
        ("/services/Switch_A", "service"),
        ("/voice-environments/Switch_A", "voiceEnvironment"),
    ],
)
def test_an_object_stands_under_its_name(path: str, name: str) -> None:
    whole, asterisk, some = read(path, f"{path}?fields=*", f"{path}?fields=path,nothing")
    assert whole == asterisk
    assert whole[name]["uri"].startswith(API)
    assert some == {name: {"path": whole[name]["path"]}}


def test_a_slash_at_the_end_means_nothing_and_nothing_is_redirected() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            api = (await agent.http.get(f"{SERVER}/openapi.json")).json()
            ids = Ids(call_id=CALL_ID, device_id=DEVICE_15000, feature_id="api-voice", channel="voice")
            reads = [path.format_map(ids) for path, item in api["paths"].items() if "get" in item]
            assert len(reads) > 20
            for path in reads:
                bare, slash = [await agent.http.get(f"{SERVER}{path}{end}") for end in ("", "/")]
                assert bare.status_code in (200, 403, 404), path
                assert (slash.status_code, slash.content) == (bare.status_code, bare.content), path
            answer = await agent.post(f"/me/calls/{CALL_ID}/", "Hangup")
            assert answer.json == {"statusCode": 0}

    run(scene())


def test_a_parameter_that_is_given_twice_is_refused() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            answer = await agent.get("/contacts?name=a&name=b")
            assert answer.refusal == (400, 2, "name: given more than once")

    run(scene())


def test_methods_that_are_not_there_are_refused_with_those_that_are() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            for path, allowed in (
                ("/me", "GET, POST"),
                ("/me/calls", "GET"),
                ("/me/channels/voice", "GET, POST"),
            ):
                response = await agent.http.delete(API + path)
                assert response.headers["allow"] == allowed
                assert Answer(response).refusal[:2] == (405, 2)

    run(scene())


# --- the user -----------------------------------------------------------------------------------------


def test_the_user_comes_with_what_is_asked_for() -> None:
    bare, everything, some = read("/me", "/me?subresources=*", "/me?subresources=calls,settings,nothing")
    with_all = ["devices", "calls", "channels", "features", "settings", "skills", "interactions", "chats"]
    assert [name for name in everything["user"] if name not in bare["user"]] == with_all
    assert [name for name in some["user"] if name not in bare["user"]] == ["calls", "settings"]
    assert everything["user"]["channels"][0]["channel"] == "voice"
    assert names(everything["user"]["calls"], "id") == [CALL_ID]
    assert (everything["user"]["skills"], everything["user"]["settings"]) == ([], {})


def test_what_no_feature_fills_is_empty() -> None:
    assert read("/me/skills", "/me/skills?fields=*", "/me/settings") == [
        {"uris": []},
        {"skills": []},
        {"settings": {}},
    ]


def test_the_channels_of_the_user() -> None:
    (many, one) = read("/me/channels", "/me/channels/voice")
    assert many == {"channels": [one["channel"]]}
    assert one["channel"]["channel"] == "voice"
    assert one["channel"]["userState"]["state"] == "NotReady"


def test_the_options_of_a_device_are_its_settings() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            start = await agent.post("/me", "StartContactCenterSession", channels=["voice"], place="Hot desk")
            assert start.status == 200
            (device,) = (await agent.get("/me/devices?fields=id,phoneNumber")).json["devices"]
            assert device["phoneNumber"] == "15012"
            answer = await agent.get(f"/me/devices/{device['id']}/settings/tserver")
            assert answer.json == {
                "statusCode": 0,
                "settings": [{"name": "sip-cti-control", "value": "talk,hold"}],
                "key": "name",
            }

    run(scene())


def test_a_device_without_options_has_no_settings() -> None:
    (answer,) = read(f"/me/devices/{DEVICE_15000}/settings/tserver")
    assert answer == {"settings": [], "key": "name"}


# --- the contact center ---------------------------------------------------------------------------------


def test_the_features_of_the_contact_center_and_all_there_are() -> None:
    (own,) = read("/features?fields=id")
    assert names(own["features"], "id") == FEATURES
    (everything,) = read("/system/features?fields=id", user="admin")
    assert len(everything["features"]) > len(FEATURES)

    async def scene() -> None:
        async with playing() as book:
            assert (await book.agent().get("/system/features")).refusal[:2] == (403, 5)
            assert (await book.agent().get("/features/api-multimedia")).refusal[:2] == (404, 6)

    run(scene())


def test_a_service_says_whether_its_tserver_is_there() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            services = (await agent.get("/services?fields=id,name,type,state")).json["services"]
            assert services[0] == {"id": "Switch_A", "name": "TServer_A", "type": "Voice", "state": "Active"}
            book.tserver.goes_away()
            assert (await agent.get("/services/Switch_A")).json["service"]["state"] == "Inactive"
            (device,) = (await agent.get("/me/devices?fields=voiceEnvironmentUri")).json["devices"]
            address = device["voiceEnvironmentUri"].removeprefix(API)
            environment = (await agent.get(address)).json["voiceEnvironment"]
            assert (environment["id"], environment["name"]) == ("Switch_A", "TServer_A")

    run(scene())


def test_the_settings_come_in_groups() -> None:
    groups, with_settings, general, states = read(
        "/settings", "/settings?subresources=*", "/settings/general-settings", "/settings/agent-states"
    )
    assert names(groups["settings"]) == ["general-settings", "agent-states"]
    assert "settings" not in groups["settings"][0]
    country = {"countryCode": "US", "countryDigits": "1", "countryName": "United States"}
    assert with_settings["settings"][0]["settings"] == general["settings"] == country
    assert with_settings["settings"][1]["settings"] == states["settings"]
    assert states["key"] == groups["settings"][1]["key"] == "operationName"


def test_the_descriptors_of_agent_states() -> None:
    (answer,) = read("/settings/agent-states?fields=*")
    built_in, own = answer["settings"][:5], answer["settings"][5:]
    assert [(each["operationName"], each["state"], each.get("workMode")) for each in built_in] == [
        ("Ready", "Ready", None),
        ("NotReady", "NotReady", None),
        ("AuxWork", "NotReady", "AuxWork"),
        ("AfterCallWork", "NotReady", "AfterCallWork"),
        ("Offline", "Logout", None),
    ]
    assert built_in[4]["id"] == "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB"
    lunch = own[0]
    assert lunch.pop("id")
    assert lunch == {
        "operationName": "Lunch",
        "displayName": "Lunch",
        "state": "NotReady",
        "workMode": "AuxWork",
        "reason": "lunch",
    }


def test_without_the_voice_feature_its_groups_and_services_are_hidden() -> None:
    groups, services = read("/settings", "/services?fields=*", user="novoice")
    assert names(groups["settings"]) == ["general-settings"]
    assert services == {"services": []}

    async def scene() -> None:
        async with playing() as book:
            novoice = book.agent("novoice")
            for path in ("/settings/agent-states", "/me/channels", "/voice-environments"):
                assert (await novoice.get(path)).refusal == (404, 6, f"There is no resource /api/v2{path}")

    run(scene())


# --- what is not there --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/groups",
        "/workbins",
        "/me/workbins",
        "/me/interactions",
        "/me/chats",
        "/me/emails",
        "/settings/interaction-workspace",
        "/me/devices/nothing",
        "/me/devices/nothing/calls",
        "/me/devices/nothing/settings/tserver",
        "/me/channels/chat",
        "/services/Switch_C",
        "/voice-environments/nothing",
        "/contacts/nothing",
        "/me/calls/nothing",
    ],
)
def test_what_a_client_outside_voice_asks_for_is_not_there(path: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            answer = await book.agent().get(path)
            assert answer.refusal[:2] == (404, 6)
            assert answer.headers["content-type"] == "application/json"

    run(scene())


def test_the_internal_tree_is_guarded_and_empty_but_for_user_events() -> None:
    async def scene() -> None:
        async with playing() as book:
            for path in ("business-attributes", "", "settings"):
                address = f"{SERVER}/internal-api/{path}"
                answer = Answer(await book.agent(password=None).http.get(address))
                assert answer.refusal == (403, 20, "Access denied")
                assert Answer(await book.agent().http.get(address)).refusal[:2] == (404, 6)

    run(scene())
