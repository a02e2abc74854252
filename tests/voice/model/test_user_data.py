"""User data goes out and comes back the same, where a KV list can hold it."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.tlib.kv import INT_MAX, INT_MIN, KVList
from bridge.voice.model.user_data import to_json, to_kv

objects = st.recursive(
    st.dictionaries(st.text(), st.text() | st.integers(INT_MIN, INT_MAX), max_size=4),
    lambda inner: st.dictionaries(st.text(), st.text() | st.integers(INT_MIN, INT_MAX) | inner, max_size=3),
    max_leaves=4,
)


@given(objects)
def test_strings_integers_and_objects_come_back_as_they_went(data: dict[str, object]) -> None:
    pairs = to_kv(data)
    assert to_json(pairs) == data
    assert [key for key, _ in pairs] == list(data)


def test_empty_user_data_is_an_empty_list() -> None:
    assert to_kv({}) == KVList()
