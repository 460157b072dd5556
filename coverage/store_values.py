"""How is a value of a finished run put into plain numbers and texts, and taken out again?

A value becomes a tree that JSON knows. Numbers of arrays stand beside it, under a name made
of their content, so that what several results share is kept once. What comes out is equal to
what went in, to the last bit, types of columns and order of keys too. No pickle: reading runs
no code but the constructors of our own frozen types.

What is not known here is refused when it is put in, never left out.
"""

from __future__ import annotations

import datetime
import hashlib
import importlib
import io
import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
import shapely
from numpy.typing import NDArray
from pydantic import BaseModel

# Whose types are made again; nothing else is ever looked up by a name from a file.
PACKAGES = ("carecircle.coverage.", "carecircle.isochrones.", "carecircle.layers.")
KIND, VALUE = "$", "v"
CLOCKS = ("seconds",)  # told nowhere; kept, they would make two equal runs differ
MASKED = {"Int64": "int64", "Float64": "float64", "boolean": "bool"}
TEXTS = ("object", "str", "string")

Parts = MutableMapping[str, bytes]


class Writing:
    """Puts values into a tree, and their arrays into ``parts`` by name."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes] = {}
        self.kept: dict[int, tuple[Any, Any]] = {}  # id: the object, held alive, and its tree

    def tree(self, value: Any) -> Any:
        """The tree of a value; TypeError where its kind is not known here."""
        if value is None or isinstance(value, bool | str) or type(value) is int:
            return value
        if id(value) in self.kept:
            return self.kept[id(value)][1]
        found = self.marked(value)
        self.kept[id(value)] = (value, found)
        return found

    def marked(self, value: Any) -> Any:
        """The tree of a value that JSON does not know as it is; tuples are its lists."""
        if type(value) is tuple:
            return [self.tree(one) for one in value]
        for kind, (fits, put) in PUT.items():
            if fits(value):
                return {KIND: kind, VALUE: put(self, value)}
        raise TypeError(f"a finished run cannot keep a {type(value).__qualname__}")

    def part(self, content: bytes, ending: str) -> str:
        """Keep bytes beside the tree; the name they have there."""
        name = f"{hashlib.sha256(content).hexdigest()[:32]}.{ending}"
        self.parts[name] = content
        return name

    def array(self, values: NDArray[Any]) -> Any:
        """An array: of numbers beside the tree, of objects as a list of trees."""
        if values.dtype.hasobject:
            trees = json.dumps([self.tree(one) for one in values.ravel()], ensure_ascii=True)
            return {"shape": list(values.shape), "objects": self.part(trees.encode(), "json")}
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.ascontiguousarray(values), allow_pickle=False)
        # `ascontiguousarray` makes a number without a dimension a list of one.
        return {"shape": list(values.shape), "numbers": self.part(buffer.getvalue(), "npy")}

    def column(self, values: pd.Series | pd.Index) -> Any:
        """A column or an index, with its type."""
        dtype = str(values.dtype)
        if dtype == "geometry":
            return {"dtype": dtype, **self.geometries(np.asarray(values.array, dtype=object))}
        if dtype in MASKED:
            missing = np.asarray(values.isna())
            kept = values.to_numpy(dtype=MASKED[dtype], na_value=False)
            return {"dtype": dtype, "of": self.array(kept), "missing": self.array(missing)}
        if dtype not in TEXTS and not isinstance(values.dtype, np.dtype):
            raise TypeError(f"a finished run cannot keep a column of {dtype}")
        cells = np.asarray(values.astype(object) if dtype in TEXTS else values)
        return {"dtype": dtype, "of": self.array(cells)}

    def geometries(self, shapes: NDArray[Any]) -> Any:
        """Geometries as well-known binary, which keeps every coordinate to the last bit."""
        binary = [b"" if one is None else one for one in shapely.to_wkb(shapes)]
        sizes = np.array([len(one) for one in binary], dtype=np.int64)
        return {"wkb": self.part(b"".join(binary), "wkb"), "sizes": self.array(sizes)}

    def index(self, index: pd.Index) -> Any:
        """The index of a table."""
        names = [self.tree(name) for name in index.names]
        if isinstance(index, pd.RangeIndex):
            return {"names": names, "range": [index.start, index.stop, index.step]}
        levels = [index.get_level_values(level) for level in range(index.nlevels)]
        several = isinstance(index, pd.MultiIndex)
        return {"names": names, "several": several, "of": [self.column(one) for one in levels]}

    def table(self, table: pd.DataFrame) -> Any:
        """A table with its index and the types of its columns."""
        if not table.columns.is_unique or table.columns.nlevels > 1:
            raise TypeError("a finished run keeps tables of plain, different columns")
        return {
            "index": self.index(table.index),
            "columns": [[self.tree(name), self.column(table[name])] for name in table],
        }

    def layer(self, layer: gpd.GeoDataFrame) -> Any:
        """A table with shapes; those of every column of shapes have one CRS."""
        crs = {
            str(name): None if layer[name].crs is None else layer[name].crs.srs
            for name in layer
            if str(layer[name].dtype) == "geometry"
        }
        return {**self.table(layer), "crs": crs, "active": layer._geometry_column_name}


class Reading:
    """Takes values out of a tree and the arrays beside it."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self.parts = parts

    def value(self, tree: Any) -> Any:
        """The value of a tree; ValueError, KeyError or TypeError where it is none of ours."""
        if isinstance(tree, list):
            return tuple(self.value(one) for one in tree)
        return TAKEN[tree[KIND]](self, tree[VALUE]) if isinstance(tree, dict) else tree

    def array(self, tree: Any) -> NDArray[Any]:
        """An array of numbers or of objects."""
        if "numbers" in tree:
            buffer = io.BytesIO(self.parts[tree["numbers"]])
            found = np.lib.format.read_array(buffer, allow_pickle=False)
            return found.reshape(tree["shape"])
        values = json.loads(self.parts[tree["objects"]])
        found = np.empty(len(values), dtype=object)
        for at, one in enumerate(values):
            found[at] = self.value(one)
        return found.reshape(tree["shape"])

    def column(self, tree: Any) -> Any:
        """The values of a column, of its type."""
        dtype = tree["dtype"]
        if dtype == "geometry":
            return self.geometries(tree)
        values = self.array(tree["of"])
        if dtype in MASKED:
            kind = {
                "Int64": pd.arrays.IntegerArray,
                "Float64": pd.arrays.FloatingArray,
                "boolean": pd.arrays.BooleanArray,
            }[dtype]
            return kind(values, self.array(tree["missing"]))
        return pd.array(values, dtype=dtype) if dtype in TEXTS and dtype != "object" else values

    def geometries(self, tree: Any) -> NDArray[Any]:
        """Shapes, None where there was none."""
        binary, ends = self.parts[tree["wkb"]], np.cumsum(self.array(tree["sizes"]))
        starts = np.concatenate(([0], ends))[: len(ends)]
        pieces = [binary[a:b] or None for a, b in zip(starts, ends, strict=True)]
        shapes: NDArray[Any] = shapely.from_wkb(np.array(pieces, dtype=object))
        return shapes

    def index(self, tree: Any) -> pd.Index:
        """The index of a table."""
        names = [self.value(name) for name in tree["names"]]
        if "range" in tree:
            start, stop, step = tree["range"]
            return pd.RangeIndex(start, stop, step, name=names[0])
        levels = [pd.Index(self.column(one), dtype=one["dtype"]) for one in tree["of"]]
        if tree["several"]:
            return pd.MultiIndex.from_arrays(levels, names=names)
        only: pd.Index = levels[0].rename(names[0])
        return only

    def table(self, tree: Any) -> pd.DataFrame:
        """A table with its index."""
        index = self.index(tree["index"])
        columns = {
            self.value(name): pd.Series(self.column(one), index=index, dtype=kind_of(one))
            for name, one in tree["columns"]
        }
        return pd.DataFrame(columns, index=index)

    def layer(self, tree: Any) -> gpd.GeoDataFrame:
        """A table with shapes and their CRS."""
        table = self.table(tree)
        for name, crs in tree["crs"].items():
            table[name] = gpd.GeoSeries(table[name].to_numpy(), index=table.index, crs=crs)
        return gpd.GeoDataFrame(table, geometry=tree["active"])

    def ours(self, tree: Any) -> Any:
        """One of our frozen types, with the checks of its constructor."""
        module, _, name = tree["type"].rpartition(":")
        if not module.startswith(PACKAGES):
            raise ValueError(f"{module} is not ours")
        kind = getattr(importlib.import_module(module), name)
        told = {field: self.value(one) for field, one in tree["fields"]}
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind.model_construct(**told)
        if not (isinstance(kind, type) and is_dataclass(kind)):
            raise ValueError(f"{name} is not a type of results")
        return kind(**told)


def kind_of(column: Any) -> Any:
    """The type that a column is read as; shapes get theirs with their CRS."""
    return "object" if column["dtype"] == "geometry" else column["dtype"]


def fields_of(value: Any) -> list[str]:
    """The names of what one of our types is made from."""
    if isinstance(value, BaseModel):
        return list(type(value).model_fields)
    return [field.name for field in fields(value) if field.init]


def type_of(value: Any) -> type | None:
    """The type of ours that a value is, or is made from by a package above."""
    found = (one for one in type(value).__mro__ if one.__module__.startswith(PACKAGES))
    return next(found, None)


def put_ours(to: Writing, value: Any) -> Any:
    """One of our types, by its name and its fields; how long something took is left out."""
    kind = type_of(value)
    assert kind is not None
    told = [
        [name, to.tree(0.0 if name in CLOCKS else getattr(value, name))]
        for name in fields_of(value)
    ]
    return {"type": f"{kind.__module__}:{kind.__qualname__}", "fields": told}


def is_ours(value: Any) -> bool:
    """Whether a value is of one of our types."""
    return (is_dataclass(value) or isinstance(value, BaseModel)) and type_of(value) is not None


def put_float(to: Writing, value: float) -> Any:
    """A number by its shortest exact text, the infinite and NaN by their names."""
    return repr(value)


def put_scalar(to: Writing, value: Any) -> Any:
    """A number of numpy, with its type."""
    return to.array(np.asarray(value))


def put_sparse(to: Writing, value: Any) -> Any:
    """A sparse matrix by its rows."""
    return [
        list(value.shape),
        *(to.array(one) for one in (value.data, value.indices, value.indptr)),
    ]


def take_sparse(of: Reading, tree: Any) -> Any:
    """A sparse matrix by its rows."""
    shape, data, indices, indptr = tree
    held = (of.array(data), of.array(indices), of.array(indptr))
    return scipy.sparse.csr_array(held, shape=tuple(shape))


# What each kind is known by, and how it is put in. The order decides: a layer is a table too.
PUT: dict[str, tuple[Callable[[Any], bool], Callable[[Writing, Any], Any]]] = {
    "ours": (is_ours, put_ours),
    "float": (lambda value: type(value) is float, put_float),
    "list": (lambda value: type(value) is list, lambda to, v: [to.tree(one) for one in v]),
    "mapping": (
        lambda value: isinstance(value, Mapping),
        lambda to, v: [[to.tree(key), to.tree(one)] for key, one in v.items()],
    ),
    "set": (
        lambda value: isinstance(value, frozenset),
        lambda to, v: [to.tree(one) for one in sorted(v)],
    ),
    "layer": (lambda v: isinstance(v, gpd.GeoDataFrame), lambda to, v: to.layer(v)),
    "table": (lambda v: isinstance(v, pd.DataFrame), lambda to, v: to.table(v)),
    "shape": (
        lambda v: isinstance(v, shapely.Geometry),
        lambda to, v: shapely.to_wkb(v, hex=True),
    ),
    "array": (lambda v: isinstance(v, np.ndarray), lambda to, v: to.array(v)),
    "scalar": (lambda v: isinstance(v, np.generic), put_scalar),
    "sparse": (lambda v: isinstance(v, scipy.sparse.csr_array), put_sparse),
    "missing": (lambda v: v is pd.NA, lambda to, v: None),
    "fraction": (lambda v: isinstance(v, Fraction), lambda to, v: str(v)),
    "decimal": (lambda v: isinstance(v, Decimal), lambda to, v: str(v)),
    "date": (lambda v: type(v) is datetime.date, lambda to, v: v.isoformat()),
}

TAKEN: dict[str, Callable[[Reading, Any], Any]] = {
    "ours": lambda of, tree: of.ours(tree),
    "float": lambda of, tree: float(tree),
    "list": lambda of, tree: [of.value(one) for one in tree],
    "mapping": lambda of, tree: {of.value(key): of.value(one) for key, one in tree},
    "set": lambda of, tree: frozenset(of.value(one) for one in tree),
    "layer": lambda of, tree: of.layer(tree),
    "table": lambda of, tree: of.table(tree),
    "shape": lambda of, tree: shapely.from_wkb(tree),
    "array": lambda of, tree: of.array(tree),
    "scalar": lambda of, tree: of.array(tree)[()],
    "sparse": take_sparse,
    "missing": lambda of, tree: pd.NA,
    "fraction": lambda of, tree: Fraction(tree),
    "decimal": lambda of, tree: Decimal(tree),
    "date": lambda of, tree: datetime.date.fromisoformat(tree),
}
