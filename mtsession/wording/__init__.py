"""Every text a person sees, in one catalogue, and the words that none of them may use.

A language is a folder of TOML files, one a room of the house. `say("cli.no_session", id=…)` looks up key
`no_session` in `cli.toml`. A text that depends on a number is a table with `one` and `other`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGE = "en_gb"

BANNED_WORDS = (
    "agitated", "anxious", "anxiety", "attuned", "autonomous", "better", "bonded", "depressed", "diagnose",
    "diagnosis", "dissociated", "dominant", "empathy", "excited", "improved", "improvement", "learning", "low mood",
    "normal", "abnormal", "perseveration", "processing", "responding to treatment", "stuck", "withdrawn", "worse",
)  # fmt: skip
"""Interpretations and verdicts (care rules, §1): the program describes what was played and says nothing more."""

_BANNED = re.compile(r"\b(" + "|".join(re.escape(word) for word in BANNED_WORDS) + r")\b", re.IGNORECASE)


@cache
def catalogue(room: str) -> Mapping[str, str | Mapping[str, str]]:
    """The texts of one room of the house, by key."""
    source = files(__name__).joinpath(LANGUAGE, f"{room}.toml")
    texts: Mapping[str, str | Mapping[str, str]] = tomllib.loads(source.read_text(encoding="utf-8"))
    return texts


def say(key: str, **facts: object) -> str:
    """The text of a key ("room.name") with its facts filled in; the fact `n` chooses between one and other.

    Raises KeyError for an unknown key or a missing fact: a fault of the program, not of its user.
    """
    room, _, name = key.partition(".")
    found = catalogue(room)[name]
    text = found if isinstance(found, str) else found["one" if facts["n"] == 1 else "other"]
    return text.format(**facts)


def banned_words_in(text: str) -> tuple[str, ...]:
    """The words of a text that the program may not say of a client, in order."""
    return tuple(match.group(0).lower() for match in _BANNED.finditer(text))
