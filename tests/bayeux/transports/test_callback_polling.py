"""The transport of scripts: messages in a query, answers that call a function."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from bridge.bayeux import Options, Transport
from tests.bayeux.core_driver import CONNECTED, HANDSHAKE, Message, connect, publish, reply, subscribe
from tests.bayeux.endpoint_driver import EndpointDriver, HttpRequest, on_a_loop

SCRIPTS = HANDSHAKE | {"supportedConnectionTypes": ["callback-polling"]}


def loads(site: EndpointDriver, *messages: Message, callback: str = "cb", **scope: Any) -> HttpRequest:
    query = urlencode({"jsonp": callback, "message": json.dumps(messages)})
    return site.raw(b"", method="GET", query_string=query.encode(), **scope)


async def request(site: EndpointDriver, *messages: Message) -> Any:
    answer = await loads(site, *messages).answer()
    assert answer.status == 200
    return called(answer.body)


def called(script: bytes) -> Any:
    """What the function cb is called with."""
    text = script.decode()
    assert (text[:7], text[-2:]) == ("/**/cb(", ");")
    return json.loads(text[7:-2])


async def open_session(site: EndpointDriver) -> str:
    session: str = (await request(site, SCRIPTS))[0]["clientId"]
    await request(site, subscribe(session, "/**"))
    await request(site, connect(session))
    return session


@on_a_loop
async def test_an_answer_is_a_script_that_cannot_be_taken_for_another_type() -> None:
    answer = await loads(EndpointDriver(), SCRIPTS, callback="jQuery1.cb_2-x").answer()
    assert answer.status == 200
    assert answer.headers[b"content-type"] == b"text/javascript;charset=UTF-8"
    assert answer.headers[b"x-content-type-options"] == b"nosniff"
    assert answer.headers[b"cache-control"] == b"no-cache"
    assert answer.body.startswith(b"/**/jQuery1.cb_2-x([{")


@pytest.mark.parametrize("callback", ["", "a(b", "alert(1)//", "a b", "é", "a\n", "x" * 65])
@on_a_loop
async def test_a_callback_is_a_name_and_nothing_else(callback: str) -> None:
    answer = await loads(EndpointDriver(), SCRIPTS, callback=callback).answer()
    assert answer.status == 400
    assert answer.headers[b"content-type"].startswith(b"application/json")
    assert answer.json["error"].startswith("jsonp must be a name of at most 64 letters")


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("", "Bayeux messages are sent with POST, or with GET and jsonp=FUNCTION"),
        ("message=[]", "Bayeux messages are sent with POST, or with GET and jsonp=FUNCTION"),
        ("jsonp=cb", "the body holds no message: there is no parameter 'message'"),
        ("jsonp=cb&message=[]", "the body holds no message"),
        ("jsonp=cb&message={", "the body is not an array of Bayeux messages"),
        ("jsonp=cb&message=%ff", "a parameter is not UTF-8"),
    ],
)
@on_a_loop
async def test_a_query_without_messages_is_a_bad_request(query: str, complaint: str) -> None:
    answer = await EndpointDriver().raw(b"", method="GET", query_string=query.encode()).answer()
    assert answer.status == 400
    assert answer.json["error"].startswith(complaint)


@on_a_loop
async def test_a_query_that_is_too_long_is_refused() -> None:
    answer = await loads(EndpointDriver(Options(max_message_size=50)), SCRIPTS).answer()
    assert answer.status == 413


@on_a_loop
async def test_the_parameter_may_have_another_name_and_length() -> None:
    site = EndpointDriver(Options(callback_parameter="callback", callback_parameter_max_length=2))
    query = urlencode({"callback": "cb", "message": json.dumps(SCRIPTS)})
    answer = await site.raw(b"", method="GET", query_string=query.encode()).answer()
    assert called(answer.body)[0]["successful"]


@on_a_loop
async def test_line_ends_that_scripts_do_not_know_are_written_in_ascii() -> None:
    site = EndpointDriver()
    session = await open_session(site)
    poll = await loads(site, connect(session)).held()
    site.server.deliver("ann", "/a", '"\u2028\u2029é"'.encode())
    answer = await poll.answer()
    assert '"\\u2028\\u2029é"'.encode() in answer.body
    assert called(answer.body) == [{"channel": "/a", "data": "\u2028\u2029é"}, CONNECTED]


@on_a_loop
async def test_a_message_wakes_the_held_connect_and_events_come_with_that() -> None:
    site = EndpointDriver()
    session = await open_session(site)
    poll = await loads(site, connect(session)).held()
    assert await request(site, subscribe(session, "/b")) == [reply("/meta/subscribe", subscription="/b")]
    assert called((await poll.answer()).body) == [CONNECTED]
    poll = await loads(site, connect(session)).held()
    assert await request(site, publish(session, "/b", 1)) == [reply("/b")]
    assert called((await poll.answer()).body) == [{"channel": "/b", "data": 1}, CONNECTED]


@on_a_loop
async def test_of_two_connects_the_older_gets_an_empty_answer() -> None:
    site = EndpointDriver()
    session = await open_session(site)
    older = await loads(site, connect(session)).held()
    newer = await loads(site, connect(session)).held()
    answer = await older.answer()
    assert (answer.status, answer.body) == (500, b"")
    await newer.abort()


@on_a_loop
async def test_where_it_is_not_offered_a_get_is_a_bad_request() -> None:
    answer = await loads(EndpointDriver(Options(transports=(Transport.LONG_POLLING,))), SCRIPTS).answer()
    assert answer.status == 400


@pytest.mark.parametrize(
    ("allowed", "site_of_page", "status"),
    [
        (True, "cross-site", 200),
        (False, "cross-site", 403),
        (False, "same-site", 200),
        (False, "none", 200),
        (False, None, 200),
    ],
)
@on_a_loop
async def test_pages_of_other_sites_may_be_kept_from_loading_scripts(
    allowed: bool,  # noqa: FBT001 (a parameter of a test)
    site_of_page: str | None,
    status: int,
) -> None:
    site = EndpointDriver(foreign_scripts=allowed)
    headers = {} if site_of_page is None else {"sec-fetch-site": site_of_page}
    answer = await loads(site, SCRIPTS, headers=headers).answer()
    assert answer.status == status
