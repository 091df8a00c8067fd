"""What did a form bring? Its fields as text, of a length that can be kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from mtsession.errors import SettingError
from mtsession.wording import say

LONGEST_TEXT = 20_000

MOST_FIELDS = 500


@dataclass(frozen=True, slots=True)
class Fields:
    """A form's fields; where a name came twice, the last holds."""

    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """A field, without the space around it; SettingError where it did not come."""
        try:
            return self.values[name].strip()
        except KeyError as error:
            raise SettingError(say("desk.form_incomplete"), say("desk.form_incomplete_next")) from error

    def exact(self, name: str) -> str:
        """A field as it was typed: a passphrase may begin with a space."""
        return self.values.get(name, "")

    def number(self, name: str) -> float:
        """A field as a finite number; SettingError where it is none."""
        try:
            value = float(self.text(name))
        except ValueError as error:
            raise SettingError(say("desk.no_such_time"), say("desk.no_such_time_next")) from error
        if not math.isfinite(value):
            raise SettingError(say("desk.no_such_time"), say("desk.no_such_time_next"))
        return value

    def named(self, prefix: str) -> Mapping[str, str]:
        """The fields whose names begin so, by the rest of their names."""
        return {name.removeprefix(prefix): text for name, text in self.values.items() if name.startswith(prefix)}


async def fields(request: Request) -> Fields:
    """The form of a request. Raises SettingError for texts that are too long to be kept."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        values = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    if any(len(value) > LONGEST_TEXT for value in values.values()):
        raise SettingError(say("desk.too_large"), say("desk.too_large_next"))
    # Browsers send line ends as CR LF; a note has plain ones.
    return Fields({name: value.replace("\r\n", "\n") for name, value in values.items()})
