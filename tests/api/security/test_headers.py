"""Headers that are wrong: too long, twice, or of strange bytes."""

import base64

import pytest

from tests.api.security.harness import DENIED, GateHarness, forget_password
from tests.loop import run

Header = tuple[bytes, bytes]

BASIC = (b"authorization", b"Basic " + base64.b64encode(b"ann:demo"))


@pytest.mark.parametrize(
    ("headers", "status", "code", "text"),
    [
        (
            [(b"authorization", b"x" * 8193)],
            431,
            2,
            "The header Authorization is longer than 8192 bytes",
        ),
        ([(b"cookie", b"a=" + b"x" * 8191)], 431, 2, "The header Cookie is longer than 8192 bytes"),
        ([(b"cookie", b"x" * 4096)] * 2, 431, 2, "The header Cookie is longer than 8192 bytes"),
        ([BASIC, BASIC], 400, 2, "The header Authorization is given more than once"),
        ([BASIC, (b"origin", b"a"), (b"origin", b"b")], 400, 2, "The header Origin is given more than once"),
        ([BASIC, *[(b"x-csrf-token", b"a")] * 2], 400, 2, "The header X-Csrf-Token is given more than once"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(
    headers: list[Header], status: int, code: int, text: str
) -> None:
    async def scene() -> None:
        async with GateHarness().client(None) as client:
            answer = await client.get("/me", headers=headers)
        assert (answer.status_code, answer.json()) == (status, {"statusCode": code, "statusMessage": text})

    run(scene())


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"\xff\xfe"),
        (b"authorization", b"Basic \xff\xfe"),
        (b"authorization", b"Basic " + base64.b64encode(b"\xff\xfe:\x00")),
        (b"authorization", b"Basic " + base64.b64encode(b":")),
        (b"authorization", b""),
        (b"cookie", b"JSESSIONID=\xff\xfe"),
        (b"cookie", b"=;;=; JSESSIONID"),
        (b"cookie", b"; ".join(b"JSESSIONID=%d" % number for number in range(400))),
    ],
)
def test_what_means_nothing_is_denied(header: Header) -> None:
    async def scene() -> None:
        async with GateHarness().client(None) as client:
            answer = await client.get("/me", headers=[header])
        assert (answer.status_code, answer.json()) == (403, DENIED)

    run(scene())


def test_cookies_in_several_lines_are_read_as_one() -> None:
    async def scene() -> None:
        async with GateHarness().client() as ann:
            await ann.get("/me")
            forget_password(ann)
            ann.cookies.clear()
            lines = [(b"cookie", b"a=b"), (b"cookie", b"JSESSIONID=id-0")]
            assert (await ann.get("/me", headers=lines)).status_code == 200

    run(scene())


@pytest.mark.parametrize("path", ["/api/v2/me", "/internal-api/anything", "/api/"])
def test_everything_of_the_api_is_guarded(path: str) -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client(None) as nobody:
            assert (await nobody.get(f"{harness.url}{path}")).json() == DENIED
        assert harness.served == []

    run(scene())


@pytest.mark.parametrize("path", ["/api/v2/diagnostics/version", "/health/live", "/docs", "/openapi.json"])
def test_what_is_open_is_served_to_everybody(path: str) -> None:
    async def scene() -> None:
        harness = GateHarness()
        async with harness.client(None) as nobody:
            assert (await nobody.get(f"{harness.url}{path}")).status_code == 200
        assert harness.served == [f"GET {path} by nobody"]

    run(scene())
