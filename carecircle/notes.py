"""What comes up while a study is read: records, facts of files, sentences to print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from geopandas import GeoDataFrame

from carecircle.coverage.result import Sentence
from carecircle.layers.intake import LayerRead
from carecircle.layers.problems import Problem

Record = Mapping[str, Any]


class Notes:
    """Everything a reader has to say beside its layers."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.files: list[Record] = []
        self.sentences: list[Sentence] = []
        self.estimated: set[str] = set()  # groups whose people are an estimate
        # name of an index, as block_id -> every id that was read, also of rows that do not count
        self.met: defaultdict[str, set[str]] = defaultdict(set)

    def keep(self, read: Any) -> None:
        """Keep what a reader of layers recorded."""
        self.records += read.records
        self.files += read.files
        if isinstance(read, LayerRead):
            self.meet(read.layer)
            self.met[str(read.layer.index.name)].update(read.rejected)

    def meet(self, layer: GeoDataFrame) -> None:
        """Remember the ids of a layer before any of its rows are left out."""
        self.met[str(layer.index.name)].update(layer.index)

    def record(self, id: str, file: str = "", value: Any = None, **details: Any) -> None:
        """Record a decision that was taken here."""
        problem = Problem(id, file, value=value, details=details)
        what = {"zh": problem.text("zh"), "en": problem.text("en")}
        self.records.append({"id": id, "file": file, "row": None, "what": what})
