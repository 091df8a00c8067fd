"""A recovery key copied from paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.errors import PassphraseError
from mtsession.record.recovery import SIGNS, RecoveryKey, new_recovery_key, read_recovery_key

keys = st.binary(min_size=20, max_size=20).map(RecoveryKey)
places = st.integers(0, 39)


def signs_of(key: RecoveryKey) -> list[str]:
    return list(key.text.replace("-", ""))


@given(keys)
def test_what_is_printed_reads_back_as_the_same_key(key: RecoveryKey) -> None:
    assert read_recovery_key(key.text) == key
    assert [len(group) for group in key.text.split("-")] == [5] * 8


@given(keys, places, st.sampled_from(SIGNS))
def test_one_wrong_sign_is_refused_and_its_group_named(key: RecoveryKey, place: int, sign: str) -> None:
    signs = signs_of(key)
    if signs[place] == sign:
        return
    signs[place] = sign
    with pytest.raises(PassphraseError, match=f"^Group {place // 5 + 1} "):
        read_recovery_key("".join(signs))


@given(keys, st.integers(0, 38))
def test_two_neighbours_swapped_within_a_group_are_refused(key: RecoveryKey, place: int) -> None:
    signs = signs_of(key)
    if signs[place] == signs[place + 1] or place % 5 == 4:
        return
    signs[place], signs[place + 1] = signs[place + 1], signs[place]
    with pytest.raises(PassphraseError, match=f"^Group {place // 5 + 1} "):
        read_recovery_key("".join(signs))


@given(keys, st.integers(0, 7), st.integers(0, 7))
def test_groups_that_changed_places_are_refused(key: RecoveryKey, one: int, other: int) -> None:
    groups = key.text.split("-")
    if one == other:
        return
    groups[one], groups[other] = groups[other], groups[one]
    with pytest.raises(PassphraseError, match=f"^Group {min(one, other) + 1} "):
        read_recovery_key("-".join(groups))


@given(keys)
def test_small_letters_spaces_and_lookalikes_are_read_as_meant(key: RecoveryKey) -> None:
    typed = key.text.replace("0", "o").replace("1", "l").replace("-", "  ").lower()
    assert read_recovery_key(f" {typed}\n") == key


@pytest.mark.parametrize("text", ["", "AAAAA", "A" * 41])
def test_a_key_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(PassphraseError, match="40 letters and digits"):
        read_recovery_key(text)


def test_a_sign_that_is_in_no_key_is_refused() -> None:
    typed = "U" + new_recovery_key().text[1:]
    with pytest.raises(PassphraseError, match=r"^Group 1 "):
        read_recovery_key(typed)


def test_two_new_keys_differ_and_neither_shows_in_its_repr() -> None:
    one, other = new_recovery_key(), new_recovery_key()
    assert one != other
    assert repr(one) == "RecoveryKey()"
    assert str(one) == one.text
