"""The catalogue of texts, and the words that it may not use."""

from __future__ import annotations

from importlib.resources import files

import pytest

from mtsession import wording
from mtsession.wording import banned_words_in, catalogue, say

ROOMS = sorted(
    entry.name.removesuffix(".toml")
    for entry in files(wording).joinpath(wording.LANGUAGE).iterdir()
    if entry.name.endswith(".toml")
)

MAY_NAME_THEM = {"desk.about_statement", "desk.statement", "note.statement"}
"""The statement of what the program is not has to name what it does not do."""


def test_a_text_is_found_by_room_and_name_and_filled_in() -> None:
    assert say("cli.client_added", code="C-014") == "Client C-014 was added."


def test_a_text_with_a_number_agrees_with_it() -> None:
    assert say("cli.audit_whole", n=1).endswith("1 entry.")
    assert say("cli.audit_whole", n=3).endswith("3 entries.")


def test_an_unknown_key_is_a_fault_and_not_an_empty_text() -> None:
    with pytest.raises(KeyError):
        say("cli.no_such_text")


def test_interpretations_are_found_whole_words_only() -> None:
    assert banned_words_in("The client was Anxious, then withdrawn.") == ("anxious", "withdrawn")
    assert banned_words_in("An abnormality of letters: betterment, learnings") == ()


@pytest.mark.parametrize("room", ROOMS)
def test_no_text_interprets_or_judges(room: str) -> None:
    found = {
        f"{room}.{key}": banned
        for key, text in catalogue(room).items()
        for form in ([text] if isinstance(text, str) else text.values())
        if (banned := banned_words_in(form)) and f"{room}.{key}" not in MAY_NAME_THEM
    }
    assert found == {}
