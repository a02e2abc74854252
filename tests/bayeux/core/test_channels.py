import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.bayeux.core.channels import is_meta, is_pattern, is_service, matching_subscriptions, normalise

SEGMENTS = st.sampled_from(["a", "b", "me", "v2"])
NAMES = st.lists(SEGMENTS, min_size=1, max_size=5)
TAILS = st.sampled_from([[], ["*"], ["**"]])


def path(segments: list[str]) -> str:
    return "".join(f"/{one}" for one in segments)


def matches(pattern: list[str], name: list[str]) -> bool:
    """The rule of the specification, segment by segment."""
    *front, last = pattern
    if last == "*":
        return len(name) == len(pattern) and name[:-1] == front
    if last == "**":
        return len(name) > len(front) and name[: len(front)] == front
    return name == pattern


@given(NAMES, st.lists(SEGMENTS, max_size=5), TAILS)
def test_the_candidates_of_a_name_are_the_patterns_that_match_it(
    name: list[str], front: list[str], tail: list[str]
) -> None:
    pattern = [*front, *tail] or ["**"]
    assert (path(pattern) in matching_subscriptions(path(name))) == matches(pattern, name)


@given(NAMES)
def test_a_name_of_n_segments_has_n_plus_two_candidates(name: list[str]) -> None:
    found = matching_subscriptions(path(name))
    assert len(found) == len(set(found)) == len(name) + 2


def test_candidates_spelled_out() -> None:
    assert matching_subscriptions("/a/b/c") == ("/a/b/c", "/a/b/*", "/a/b/**", "/a/**", "/**")
    assert matching_subscriptions("/a") == ("/a", "/*", "/**")


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("/a", "/a"),
        ("/a/", "/a"),
        ("/v2/me/calls", "/v2/me/calls"),
        ("/**", "/**"),
        ("/a/*", "/a/*"),
        ("/a.b/{id}/c d/#1+2", "/a.b/{id}/c d/#1+2"),
        ("/-_!~()$@", "/-_!~()$@"),
        ("/" + "a" * 999, "/" + "a" * 999),
        ("/" + "a" * 1000, None),
        ("", None),
        ("/", None),
        ("//", None),
        ("/a//b", None),
        ("/a//", None),
        ("a/b", None),
        ("/é", None),
        ("/a\n", None),
        ("/a\\b", None),
    ],
)
def test_names(given_name: str, name: str | None) -> None:
    assert normalise(given_name) == name


def test_the_kinds_of_channels() -> None:
    assert [is_meta(name) for name in ("/meta", "/meta/x", "/metal/x")] == [True, True, False]
    assert [is_service(name) for name in ("/service", "/service/x", "/services/x")] == [True, True, False]
    assert [is_pattern(name) for name in ("/a/*", "/a/**", "/**", "/a/b*", "/a/*/b")] == [
        True,
        True,
        True,
        False,
        False,
    ]
