"""What is wrong with an input, said so that a planner can repair it.

Every reader gathers all the problems of its file before it refuses it, so that one
run of ``carecircle check`` lists everything there is to repair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from carecircle.layers.messages import MESSAGES

Language = Literal["zh", "en"]

VALUE_LENGTH = 60
PLACE_LENGTH = 200
MOST_LISTED = 50  # rows named for one fault of one column; the others are counted
PLACES = {
    "en": {"layer": 'layer "{}"', "row": "row {}", "column": 'column "{}"', "value": "value {}"},
    "zh": {"layer": "图层“{}”", "row": "第 {} 行", "column": "“{}”列", "value": "值 {}"},
}


@dataclass(frozen=True)
class Problem:
    """One thing to repair: a stable message id and where it was met.

    ``row`` counts as the user sees it: the header of a table is row 1; in a GIS layer
    the first feature is row 1. ``details`` fill the message's own placeholders.
    """

    id: str
    file: str = ""
    layer: str = ""
    row: int | None = None
    column: str = ""
    value: Any = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: Language = "en") -> str:
        """One line: id, place, what is wrong, what to do."""
        words = PLACES[lang]
        parts = [
            printable(self.file, PLACE_LENGTH),
            words["layer"].format(printable(self.layer, PLACE_LENGTH)) if self.layer else "",
            words["row"].format(self.row) if self.row is not None else "",
            words["column"].format(printable(self.column, PLACE_LENGTH)) if self.column else "",
            words["value"].format(quoted(self.value)) if self.value is not None else "",
        ]
        place = " ".join(part for part in parts if part)
        details = {name: shown(value, lang) for name, value in self.details.items()}
        said = MESSAGES[self.id][lang].format_map(details)
        colon = "：" if lang == "zh" else ": "
        return f"{self.id} {place}{colon}{said}" if place else f"{self.id} {said}"


class StudyError(Exception):
    """Inputs that were refused, with everything that is wrong with them."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(problem.text("en") for problem in self.problems))


class Findings:
    """The problems gathered while one input is read; raised together at the end."""

    def __init__(self, file: str = "", layer: str = "") -> None:
        self.file, self.layer = file, layer
        self.problems: list[Problem] = []
        self._found: Counter[tuple[str, str]] = Counter()

    def add(
        self, id: str, row: int | None = None, column: str = "", value: Any = None, **details: Any
    ) -> None:
        """Note one problem of this input; of many alike the first `MOST_LISTED` are listed."""
        self._found[id, column] += 1
        if self._found[id, column] <= MOST_LISTED:
            self.problems.append(Problem(id, self.file, self.layer, row, column, value, details))

    def refuse_if_any(self) -> None:
        """Raise one StudyError with everything gathered, and a count of what was not listed."""
        for (id, column), count in self._found.items():
            if count > MOST_LISTED:
                details = {"count": count - MOST_LISTED, "fault": id}
                self.problems.append(
                    Problem("E-LAY-013", self.file, self.layer, None, column, details=details)
                )
        if self.problems:
            raise StudyError(self.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)


def shown(value: Any, lang: Language) -> Any:
    """Numbers as they are; words in the language asked for; text printable, not too long."""
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return printable(value[lang], 1000)
    return printable(str(value), 1000)


def quoted(value: Any) -> str:
    """The offending value, between quotes, cut, its control characters spelled out."""
    return f"'{printable(str(value), VALUE_LENGTH)}'"


def printable(text: str, length: int) -> str:
    """``text`` on one line: what cannot be printed is spelled as ``\\uXXXX``."""
    visible = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: length + 1])
    return visible[:length] + "…" if len(visible) > length else visible
