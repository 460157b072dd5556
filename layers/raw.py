"""A layer as it stands in its file, before anything is checked, and how a file is refused."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from carecircle.layers.problems import Findings, Problem, StudyError
from carecircle.layers.sources import LayerSource


@dataclass(frozen=True, eq=False)
class RawLayer:
    """The rows of a file as they are.

    Attributes
    ----------
    table : DataFrame
        Texts for CSV, the cells' own values otherwise; without the geometry. Index: the place
        of each row in the file, from 0, by which rows without ids are numbered.
    rows : (n,) int64
        Row numbers as the user sees them: a table's rows count from the top of the sheet, the
        first feature of a GIS layer is row 1.
    geometry : (n,) array of shapely geometries, or None for a table
    crs : str or None
        What the file itself says.
    encoding : str
        How texts were read; empty where the format leaves no choice.
    warnings : tuple of (id, details)
        Records (R-...) to keep.
    unclear : frozenset of str
        Columns whose names were cut to 10 characters so that they look like another; only a
        mapping in the study file can tell which one is meant.
    titles : tuple of str
        What stands above the header of a table.
    day_zero : date or None
        The day from which a workbook counts days; None for any other file.
    """

    file: str
    layer: str
    table: pd.DataFrame
    rows: NDArray[np.int64]
    geometry: NDArray[Any] | None
    crs: str | None
    encoding: str = ""
    warnings: tuple[tuple[str, dict[str, Any]], ...] = ()
    unclear: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    day_zero: datetime.date | None = None

    def without(self, positions: Sequence[int]) -> RawLayer:
        """The same layer without some of its rows; ``table`` keeps their places as its index."""
        kept = np.delete(np.arange(len(self.rows)), positions)
        shapes = None if self.geometry is None else self.geometry[kept]
        return replace(self, table=self.table.iloc[kept], rows=self.rows[kept], geometry=shapes)


def refused(file: str, id: str, layer: str = "", **details: Any) -> StudyError:
    """The one problem after which nothing more can be said about a file."""
    return StudyError(Problem(id, file, layer, details=details))


def guarded(file: str, read: Callable[[], Any]) -> Any:
    """What ``read`` gives; whatever a reader makes of a damaged file is one clear message."""
    try:
        return read()
    except StudyError:
        raise
    except Exception as error:  # readers fail on damaged bytes in every possible way
        raise refused(file, "E-LAY-004", reason=said_by_reader(error)) from error


def said_by_reader(error: object) -> dict[str, str]:
    """What a library says of a file, in its own English words; the Chinese tells whose they are."""
    words = str(error) or type(error).__name__
    return {"zh": f"读取程序报告 [{words}]", "en": words}


def chosen(source: LayerSource, names: Sequence[str]) -> str:
    """The layer asked for, or the only one."""
    listed = ", ".join(names)
    if source.layer is not None and source.layer not in names:
        raise refused(source.path.name, "E-LAY-006", source.layer, layers=listed)
    if source.layer is None and len(names) > 1:
        raise refused(source.path.name, "E-LAY-005", layers=listed)
    if not names:
        reason = {"en": "there is no layer in it", "zh": "其中没有图层"}
        raise refused(source.path.name, "E-LAY-004", reason=reason)
    return source.layer or names[0]


def refuse_repeated(file: str, layer: str, names: Sequence[str]) -> None:
    """Refuse a header that names two columns alike: which one is meant cannot be known."""
    if len(set(names)) == len(names):
        return
    findings = Findings(file, layer)
    for name, count in Counter(names).items():
        if count > 1:
            findings.add("E-LAY-010", column=name, count=count)
    findings.refuse_if_any()
