"""Pages of other origins."""

import httpx
import pytest

from bridge.api.security.policy import AccessPolicy, normalize_origin
from tests.api.security.harness import DENIED, SERVER, GateHarness
from tests.loop import run

DESK = "http://desk.example"
EVIL = "http://evil.example"
ACCESS = AccessPolicy(allowed_origins=(DESK, "https://other.example:8443"), csrf=True)
TRUSTED = {
    "access-control-allow-origin": DESK,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "X-CSRF-HEADER,X-CSRF-TOKEN",
    "vary": "Origin",
}
HEADERS = (
    "X-Requested-With,Content-Type,Accept,Origin,Cookie,Authorization,ssid,surl,ContactCenterId,X-CSRF-TOKEN"
)


def cors(answer: httpx.Response) -> dict[str, str]:
    """Pick what an answer says about other origins."""
    return {
        name: value
        for name, value in answer.headers.items()
        if name.startswith("access-control-") or name == "vary"
    }


async def preflight(client: httpx.AsyncClient, asking: str, path: str = "/me") -> httpx.Response:
    return await client.options(
        path,
        headers={
            "origin": asking,
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-csrf-token, content-type",
        },
    )


@pytest.mark.parametrize("path", ["/me", "/notifications/handshake", "/nowhere"])
def test_a_preflight_needs_no_credentials_and_says_what_is_allowed(path: str) -> None:
    async def scene() -> None:
        async with GateHarness(ACCESS).client(None) as page:
            answer = await preflight(page, DESK, path)
            assert (answer.status_code, answer.content) == (200, b"")
            assert cors(answer) == TRUSTED | {
                "access-control-allow-methods": "GET,POST,PUT,DELETE,OPTIONS",
                "access-control-allow-headers": HEADERS,
                "access-control-max-age": "120",
            }

    run(scene())


def test_answers_to_an_allowed_origin_may_be_read_also_those_that_refuse() -> None:
    async def scene() -> None:
        harness = GateHarness(ACCESS)
        async with harness.client() as ann, harness.client(None) as nobody:
            asking = {"origin": DESK}
            served = await ann.get("/me", headers=asking)
            assert (served.status_code, cors(served)) == (200, TRUSTED)
            token_missing = await ann.post("/me", headers=asking)
            assert (token_missing.status_code, cors(token_missing)) == (403, TRUSTED)
            denied = await nobody.get("/me", headers=asking)
            assert (denied.json(), cors(denied)) == (DENIED, TRUSTED)
            open_to_all = await nobody.get("/diagnostics/version", headers=asking)
            assert (open_to_all.status_code, cors(open_to_all)) == (200, TRUSTED)

    run(scene())


@pytest.mark.parametrize("asking", [EVIL, "null", "https://desk.example", f"{DESK}:81", f"{DESK}.evil"])
def test_a_refused_origin_gets_nothing_to_read(asking: str) -> None:
    async def scene() -> None:
        async with GateHarness(ACCESS).client() as ann:
            assert cors(await ann.get("/me", headers={"origin": asking})) == {"vary": "Origin"}
            refused = await preflight(ann, asking)
            assert (refused.status_code, cors(refused)) == (403, {"vary": "Origin"})
            assert refused.json()["statusCode"] == 3

    run(scene())


def test_caches_are_told_that_answers_differ_by_origin() -> None:
    async def scene() -> None:
        async with GateHarness(ACCESS).client() as ann:
            assert cors(await ann.get("/me")) == {"vary": "Origin"}

    run(scene())


def test_without_allowed_origins_nothing_is_said() -> None:
    async def scene() -> None:
        async with GateHarness().client() as ann:
            assert cors(await ann.get("/me", headers={"origin": DESK})) == {}
            refused = await preflight(ann, DESK)
            assert (refused.status_code, cors(refused)) == (403, {})

    run(scene())


def test_the_star_lets_others_read_but_not_with_cookies() -> None:
    async def scene() -> None:
        async with GateHarness(AccessPolicy(allowed_origins=(DESK, "*"))).client() as ann:
            stranger = cors(await ann.get("/me", headers={"origin": EVIL}))
            assert stranger["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in stranger
            assert (await preflight(ann, EVIL)).status_code == 200
            assert cors(await ann.get("/me", headers={"origin": DESK})) == TRUSTED

    run(scene())


def test_options_that_is_no_preflight_is_a_request_like_any_other() -> None:
    async def scene() -> None:
        async with GateHarness(ACCESS).client(None) as nobody:
            answer = await nobody.options("/me", headers={"origin": DESK})
            assert (answer.json(), cors(answer)) == (DENIED, TRUSTED)

    run(scene())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("HTTP://Desk.Example", "http://desk.example"),
        ("http://desk.example:80", "http://desk.example"),
        ("https://desk.example:443", "https://desk.example"),
        ("https://desk.example:80", "https://desk.example:80"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("*", "*"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text: str, written: str) -> None:
    assert normalize_origin(text) == written


@pytest.mark.parametrize("text", ["desk.example", "http://desk.example/", "http://*.example", "ftp://a", ""])
def test_what_is_no_origin_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no origin: expected http://HOST\[:PORT\]"):
        normalize_origin(text)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/me", "/notifications"])
def test_a_page_of_a_foreign_origin_changes_nothing(method: str, path: str) -> None:
    async def scene() -> None:
        harness = GateHarness(AccessPolicy(allowed_origins=(DESK,)))
        async with harness.client() as page:
            for origin in ("https://elsewhere.example", "http://gws.example:9090", "null"):
                answer = await page.request(method, path, headers={"origin": origin})
                text = "Pages of this origin may not change anything"
                assert (answer.status_code, answer.json()) == (403, {"statusCode": 3, "statusMessage": text})
            assert harness.served == []
            for origin in (DESK, SERVER):
                assert (await page.request(method, path, headers={"origin": origin})).status_code == 200
            own = {"origin": "http://other.name:1", "host": "other.name:1"}  # behind a proxy, say
            assert (await page.request(method, path, headers=own)).status_code == 200
            assert len(harness.served) == 3

    run(scene())
