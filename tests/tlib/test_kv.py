"""KV lists keep order and repeated keys; what changes them returns a new one."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.tlib.kv import KVList

lists = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9))).map(KVList)


def test_first_reads_the_first_of_repeated_keys() -> None:
    pairs = KVList([("a", 1), ("b", 2), ("a", 3)])
    assert (pairs.first("a"), pairs.first("b"), pairs.first("c")) == (1, 2, None)


def test_update_replaces_all_pairs_of_a_key_and_adds_new_ones() -> None:
    pairs = KVList([("a", 1), ("b", 2), ("a", 3)])
    assert pairs.updated(KVList.of(a=9, c=4)) == (("b", 2), ("a", 9), ("c", 4))
    assert pairs == (("a", 1), ("b", 2), ("a", 3))


@given(lists, lists)
def test_after_an_update_the_newer_values_are_read(older: KVList, newer: KVList) -> None:
    merged = older.updated(newer)
    for key in "abc":
        assert merged.first(key) == (newer.first(key) if newer.first(key) is not None else older.first(key))
    assert merged.updated(newer) == merged


def test_adding_keeps_what_is_there_even_if_a_key_is_repeated() -> None:
    pairs = KVList.of(a=1)
    assert pairs.with_all(KVList.of(b=2, a=3)) == (("a", 1), ("b", 2), ("a", 3))
    assert pairs == (("a", 1),)


def test_without_leaves_out_all_pairs_of_a_key() -> None:
    pairs = KVList([("a", 1), ("b", 2), ("a", 3)])
    assert pairs.without("a") == (("b", 2),)
    assert pairs.without("c") == pairs


def test_packed_bytes_are_those_of_the_wire() -> None:
    assert KVList.of(a="b").packed_bytes == len(b"\x91\x92\xa1a\xa1b")
