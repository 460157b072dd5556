"""Which counts of people are withheld from the public, and which entries it may see at all."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

SMALLEST_COUNT = 10
FEW = "<10"  # shown for a count from 1 to 9
WITHHELD = "*"  # a larger count, kept back because it would give away a smaller one


def public_count(people: int | None) -> int | str | None:
    """A count of people as the public may read it."""
    if people is None:
        return None
    return few_withheld(int(people))


def public_counts(people: Iterable[int], telling: Container[int] = ()) -> list[int | str]:
    """The counts of one list; a single one withheld takes the next smallest with it.

    ``telling`` are positions whose count would give away a small one elsewhere: they are
    withheld too, unless they are 0.
    """
    exact = [int(count) for count in people]
    shown: list[int | str] = [
        WITHHELD if count >= SMALLEST_COUNT and at in telling else few_withheld(count)
        for at, count in enumerate(exact)
    ]
    if sum(isinstance(count, str) for count in shown) == 1:
        others = [at for at, count in enumerate(shown) if not isinstance(count, str) and count]
        if others:
            shown[min(others, key=lambda at: exact[at])] = WITHHELD
    return shown


def few_withheld(count: int) -> int | str:
    """A count as it is, or the sign for a small one."""
    return FEW if 0 < count < SMALLEST_COUNT else count


def told_apart(counts: Sequence[int]) -> list[bool]:
    """Which of several totals may be shown: one that differs from a shown one by few is not."""
    shown: list[int] = []
    found = []
    for count in counts:
        free = all(few_withheld(abs(count - other)) != FEW for other in shown)
        shown += [count] if free else []
        found.append(free)
    return found


def picked(source: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The named entries of a mapping, and nothing else."""
    return {name: source[name] for name in names}
