"""ConnIDs as text, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tlib.ids import conn_id_of, conn_id_text


@given(st.integers(0, 2**64 - 1))
def test_a_conn_id_survives_being_written(conn_id: int) -> None:
    assert conn_id_of(conn_id_text(conn_id)) == conn_id


def test_a_conn_id_is_written_as_in_t_server_logs() -> None:
    assert conn_id_text(31809359274573837) == "007102719818000d"
    assert conn_id_of("007102719818000D") == 31809359274573837


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7102719818000d",
        "0007102719818000d",
        "0x7102719818000d",
        " 07102719818000d",
        "00710271_818000d",
        "007102719818000g",
        "007102719818000d\n",
        "\u0660\u0660" * 8,
    ],
)
def test_what_is_no_conn_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="16 hex digits"):
        conn_id_of(text)
