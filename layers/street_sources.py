"""How a study file names its streets and what changes them: ``[network]`` and ``[[edits]]``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from carecircle.layers.formats import KINDS
from carecircle.layers.sources import LayerSource

NODE_NAMES = frozenset({"id", "x", "y"})
WAY_NAMES = frozenset({"kind", "name", "level", "bridge", "tunnel", "foot", "private"})
# Keys of [network] that only streets of the bureau's own can have.
OWN_KEYS = frozenset(LayerSource.model_fields) - {"path"} | {"snap_ends_m", "kinds", "nodes"}


class NodeSource(LayerSource):
    """Nodes of a network: points with ids."""

    NAMES = NODE_NAMES


class NetworkSource(LayerSource):
    """Where the streets come from.

    ``path`` is an OpenStreetMap extract, a GraphML file saved by osmnx, or a layer of road
    lines. ``nodes`` and ``edges`` are two tables instead. With ``place``, or with ``fetch`` and an
    ``[area]``, an extract that is not there yet is asked of the servers named, once, and kept
    at ``path``.

    Attributes
    ----------
    nodes : Path or None
        A layer of points with ids; ``path`` is then the table of edges.
    snap_ends_m : float
        Longest gap at the end of a road line that is closed, metres.
    kinds : dict
        The study's own words for kinds of roads -> words of `road_kinds`.
    """

    NAMES = NODE_NAMES | WAY_NAMES | {"from", "to", "length_m"}

    nodes: Path | None = None
    edges: Path | None = None
    snap_ends_m: Annotated[float, Field(ge=0, le=20)] = 0.5
    kinds: dict[str, str] = Field(default_factory=dict)
    place: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    fetch: bool = False
    overpass: str = "https://overpass-api.de/api/interpreter"
    nominatim: str = "https://nominatim.openstreetmap.org/"

    @property
    def can_be_fetched(self) -> bool:
        """Whether the extract may be missing."""
        return self.fetch or self.place is not None

    @property
    def are_lines(self) -> bool:
        """Whether the streets are a layer of road lines."""
        if self.rows is not None:
            return True
        return self.nodes is None and self.path.suffix.lower() in KINDS

    @property
    def node_source(self) -> NodeSource:
        """The layer of nodes that belongs to a table of edges."""
        assert self.nodes is not None
        columns = {"id": "id", **{k: v for k, v in self.columns.items() if k in NODE_NAMES}}
        return NodeSource(path=self.nodes, crs=self.crs, encoding=self.encoding, columns=columns)

    @property
    def edge_source(self) -> NetworkSource:
        """The table of edges, without the columns of the nodes."""
        columns = {k: v for k, v in self.columns.items() if k not in NODE_NAMES}
        return self.model_copy(update={"columns": columns})

    def located(self, folder: Path) -> Self:
        """The same with its paths taken from ``folder``."""
        paths = {name: getattr(self, name) for name in ("path", "nodes", "edges")}
        return self.model_copy(update={k: folder / p for k, p in paths.items() if p is not None})

    @model_validator(mode="before")
    @classmethod
    def _edges_are_the_path(cls, written: Any) -> Any:
        if isinstance(written, dict) and "edges" in written and "path" not in written:
            return {**written, "path": written["edges"]}
        return written

    @model_validator(mode="after")
    def _keys_agree(self) -> Self:
        if (self.nodes is None) != (self.edges is None) or (self.edges or self.path) != self.path:
            raise mistake(
                "nodes and edges belong together, and need no path",
                "nodes 与 edges 须同时给出，且不再写 path",
            )
        own = sorted(self.model_fields_set & OWN_KEYS)
        if own and self.nodes is None and self.path.suffix.lower() not in {"", *KINDS}:
            raise mistake(
                f"only road lines and tables have: {', '.join(own)}",
                f"仅道路线图层和表格可用：{', '.join(own)}",
            )
        return self


class EditSource(LayerSource):
    """Changes to the streets.

    Attributes
    ----------
    kind
        ``barrier`` nobody passes, ``closure`` of streets, ``link``: new ways.
    snap_m : float
        How far from its street an edit may be drawn, metres.
    all_levels : bool
        Whether bridges and tunnels are meant too.
    dead_ends : bool
        Whether a new way may end where no street is.
    kinds : dict
        As in `NetworkSource`.
    """

    NAMES = LayerSource.NAMES | WAY_NAMES | {"street"}

    kind: Literal["barrier", "closure", "link"]
    snap_m: Annotated[float, Field(ge=0.1, le=100)] = 5.0
    all_levels: bool = False
    dead_ends: bool = False
    kinds: dict[str, str] = Field(default_factory=dict)


def mistake(en: str, zh: str) -> PydanticCustomError:
    """A mistake of the study file in both languages."""
    return PydanticCustomError("streets", "{en}", {"en": en, "zh": zh})
