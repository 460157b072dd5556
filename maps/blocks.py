"""What is a report made of, before it is a Word file or a page?

A list of blocks, made once. A figure in a sentence or a cell keeps the path in ``summary.json``
that it was taken from, so that anybody can go from the sentence to the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from carecircle.layers.problems import Language
from carecircle.maps.text import plain_text

AS_WRITTEN = ("target_percent", "warn_m", "limit_m")  # 85, not 85.0: somebody has chosen it
NONE = "—"  # a figure that does not exist


@dataclass(frozen=True)
class Told:
    """A figure as it is printed, and where in ``summary.json`` it stands."""

    path: str
    text: str


Text = tuple[str | Told, ...]


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 3; level 0 is the title."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Sentences. ``kind``: ``body``, ``lead`` (what is read first), ``item`` or ``note``."""

    text: Text
    kind: str = "body"


@dataclass(frozen=True)
class Table:
    """A table with its caption; columns in ``numeric`` stand to the right."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A PNG with its caption; ``wide`` takes a page's width, else two thirds."""

    caption: str
    png: bytes
    wide: bool = True


Block = Heading | Paragraph | Table | Picture


def words_of(text: Text) -> str:
    """A text without the paths of its figures."""
    return "".join(part if isinstance(part, str) else part.text for part in text)


class Teller:
    """Makes sentences of templates and of figures taken from a summary by their path."""

    def __init__(
        self,
        summary: Mapping[str, Any],
        words: Mapping[str, Mapping[Language, str]],
        lang: Language,
    ) -> None:
        self.summary, self.words, self.lang = summary, words, lang

    def value(self, path: str) -> Any:
        """What stands at a path such as ``circles.0.people.percent``."""
        found: Any = self.summary
        for key in path.split("."):
            found = found[int(key)] if isinstance(found, list) else found[key]
        return found

    def told(self, path: str) -> Told:
        """A figure, or a name, for print."""
        value = self.value(path)
        return Told(path, f"{value:g}" if path.endswith(AS_WRITTEN) and value else printed(value))

    def say(self, key: str, **gaps: str | Told | Text | int | float) -> Text:
        """A sentence; a gap named ``x`` is filled with ``gaps["x"]``."""
        parts: list[str | Told] = []
        for at, piece in enumerate(re.split(r"\{(\w+)\}", self.words[key][self.lang])):
            filled: Any = gaps[piece] if at % 2 else piece
            parts += filled if isinstance(filled, tuple) else [filled]
        kept = [part if isinstance(part, Told) else printed(part) for part in parts]
        return tuple(part for part in kept if part != "")

    def word(self, key: str) -> str:
        """A phrase without gaps."""
        return self.words[key][self.lang]

    def caption(self, key: str, **gaps: str) -> str:
        """A phrase with its gaps filled."""
        return words_of(self.say(key, **gaps))

    def both(self, said: Mapping[str, str]) -> str:
        """What is said in both languages, in the one of the report."""
        return plain_text(said[self.lang])

    def table(
        self, caption: str, columns: Iterable[str], rows: Iterable[Iterable[Any]], numbers: int
    ) -> Table:
        """A table whose last ``numbers`` columns are numbers; ``columns`` are keys of words."""
        heads = tuple(self.word(column) for column in columns)
        cells = tuple(tuple(as_text(one) for one in row) for row in rows)
        return Table(caption, heads, cells, frozenset(range(len(heads) - numbers, len(heads))))


def as_text(cell: Any) -> Text:
    """A cell as a text."""
    if isinstance(cell, tuple):
        return cell
    return (cell,) if isinstance(cell, Told) else (printed(cell),)


def printed(value: Any) -> str:
    """A number with separators, a text as one line, a dash where there is none."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        raise TypeError("a flag needs words")
    if isinstance(value, int | float):
        return f"{value:,}"
    return plain_text(value)
