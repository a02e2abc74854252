import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.directory import passwords

GOOD = "$argon2id$v=19$m=19456,t=2,p=1$/i7adanUuoA8KHHBAuGkwg$XQQNpTJJO9pwkgOxd7KlhMBruwLRAspCe0OxWHMF0fc"


def test_a_hash_is_of_its_password_and_of_no_other() -> None:
    encoded = passwords.hash_password("demo")

    assert passwords.is_hash(encoded)
    assert passwords.verify(encoded, "demo")
    assert not passwords.verify(encoded, "Demo")
    assert not passwords.verify(encoded, "")


def test_every_hash_has_its_own_salt() -> None:
    assert passwords.hash_password("demo") != passwords.hash_password("demo")


@pytest.mark.parametrize("password", ["", "naïve 密码", "half a character \ud800", "zero \0 byte"])
def test_any_text_can_be_a_password(password: str) -> None:
    assert passwords.verify(passwords.hash_password(password), password)
    assert not passwords.verify_absent(password)


def test_a_user_who_does_not_exist_costs_as_much_as_one_who_does() -> None:
    parameters = passwords.hash_password("demo").split("$")[:4]

    assert passwords._UNKNOWN_USER_HASH.split("$")[:4] == parameters
    assert [len(part) for part in passwords._UNKNOWN_USER_HASH.split("$")] == [
        len(part) for part in GOOD.split("$")
    ]


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "demo",
        "$2b$12$abcdefghijklmnopqrstuuKn1ZZ",
        "$argon2id$",
        GOOD + "\n",
        GOOD + "é",
        GOOD.replace("v=19", "v=16"),
        GOOD.replace("t=2", "t=0"),
        GOOD.replace("p=1", "p=-1"),
        GOOD.replace("argon2id", "argon2x"),
        GOOD.rpartition("$")[0],
    ],
)
def test_a_broken_hash_is_no_hash_and_fits_no_password(encoded: str) -> None:
    assert not passwords.is_hash(encoded)
    assert not passwords.verify(encoded, "demo")


@given(st.text(max_size=99))
@settings(max_examples=50, deadline=None)
def test_verify_raises_nothing(encoded: str) -> None:
    assert not passwords.verify(encoded, "demo")
