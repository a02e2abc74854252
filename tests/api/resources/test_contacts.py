"""Contacts: who is found by which filter, and what is told of them."""

import pytest

from tests.agent import Answer
from tests.api.resources.test_reads import API, names, read
from tests.loop import run
from tests.playbook import playing


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=agent15001,agent15002", ["agent15001", "agent15002"]),
        ("name=AGENT15001", []),
        ("phoneNumber=15003", ["agent15003"]),
        ("phoneNumber=15600", ["Sales Queue"]),
        ("phoneNumber=*&name=admin", []),
        ("type=Queue", []),
        ("type=Custom&limit=2", ["Alice Archer", "Carl Customer"]),
        ("type=Custom&limit=2&offset=1", ["Carl Customer", "Gold Customers"]),
        ("type=Custom&order=Descending&limit=1", ["Sales Queue"]),
        ("type=Custom&sortBy=lastName&limit=2", ["Alice Archer", "Carl Customer"]),
        ("type=User&roles=ROLE_SUPERVISOR,ROLE_ADMIN", ["admin", "supervisor15009"]),
        ("channel=voice&name=admin", []),
        ("channel=chat", []),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=*COOPER", ["agent15002"]),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=cla*,*cooper", ["agent15002"]),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=cla*,dyer", []),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=1500%3F", []),
        ("filterName=NamesOrPhoneNumberMatches&filterParameters=[c]lara", []),
        ("filterParameters=clara&name=admin", ["admin"]),
        ("unknown=1&name=admin", ["admin"]),
    ],
)
def test_contacts_are_found(query: str, found: list[str]) -> None:
    (answer,) = read(f"/contacts?{query}")
    assert names(answer["contacts"]) == found
    assert answer["totalCount"] >= len(found)


def test_a_hostile_pattern_takes_no_time() -> None:
    pattern = "*a" * 200 + "b"
    (answer,) = read(f"/contacts?filterName=NamesOrPhoneNumberMatches&filterParameters={pattern}")
    assert answer["contacts"] == []


def test_a_contact_tells_who_it_is_and_whether_it_can_be_reached() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            (contact,) = (await agent.get("/contacts?name=agent15000")).json["contacts"]
            (channel,) = contact.pop("availability")["channels"]
            assert (channel["channel"], channel["available"], channel["phoneNumber"]) == (
                "voice",
                False,
                "15000",
            )
            assert channel["userState"]["state"] == "NotReady"
            assert contact == {
                "id": contact["id"],
                "name": "agent15000",
                "type": "User",
                "userName": "agent15000",
                "firstName": "Alice",
                "lastName": "Archer",
                "employeeId": "agent15000",
                "emailAddress": "alice.archer@example.com",
                "phoneNumbers": [{"phoneNumber": "15000", "description": "", "switchName": "Switch_A"}],
                "businessUnits": [],
                "roles": ["ROLE_AGENT"],
                "uri": f"{API}/contacts/{contact['id']}",
                "path": f"/contacts/{contact['id']}",
            }
            one = (await agent.get(f"/contacts/{contact['id']}?fields=userName")).json["contact"]
            assert one == {"userName": "agent15000"}

    run(scene())


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("limit=many", "limit: input should be a valid integer, unable to parse string as an integer"),
        ("limit=0", "limit: input should be greater than or equal to 1"),
        ("limit=100000", "limit: input should be less than or equal to 1000"),
        ("offset=-1", "offset: input should be greater than or equal to 0"),
        ("type=Enemy", "type: input should be 'User', 'Queue' or 'Custom'"),
        ("order=up", "order: input should be 'Ascending' or 'Descending'"),
        ("sortBy=password", "sortBy: string should match pattern"),
        ("filterName=Magic", "filterName: input should be 'NamesOrPhoneNumberMatches'"),
        (
            "filterName=NamesOrPhoneNumberMatches&filterParameters=a,b,c,d,e,f,g,h,i,j",
            "filterParameters: at most 9 patterns are possible, got 10",
        ),
    ],
)
def test_a_wrong_filter_is_named(query: str, text: str) -> None:
    async def scene() -> Answer:
        async with playing() as book:
            return await book.agent().get(f"/contacts?{query}")

    status, code, message = run(scene()).refusal
    assert (status, code) == (400, 2)
    assert message.startswith(text)


def test_contacts_of_another_contact_center_are_not_there() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, other = book.agent(), book.agent("novoice")
            (stranger,) = (await other.get("/contacts")).json["contacts"]
            assert stranger["name"] == "novoice"
            assert "availability" not in stranger
            assert (await agent.get("/contacts?name=novoice")).json["totalCount"] == 0
            assert (await agent.get(f"/contacts/{stranger['id']}")).refusal[:2] == (404, 6)

    run(scene())
