"""A finished run comes back from its file as it was, to the last bit, or not at all."""

import json
import math
import zipfile
from decimal import Decimal
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from carecircle.coverage import store
from carecircle.coverage.result import Circle, Ledger, Sentence
from carecircle.coverage.store_values import Reading, Writing
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.problems import StudyError


def back(value):
    """What comes out again, by way of text."""
    writing = Writing()
    tree = json.loads(json.dumps(writing.tree(value)))
    return Reading(writing.parts).value(tree)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.fractions()
    | st.dates()
    | st.decimals(allow_nan=False),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.frozensets(st.integers())
    ),
)


def alike(one, other) -> bool:
    """Equal, of the same types, keys in the same order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return alike(list(one.items()), list(other.items()))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return one == other


@given(PLAIN)
def test_plain_values_come_back_with_their_types(value):
    assert alike(value, back(value))


@given(
    hnp.arrays(
        st.sampled_from(["f8", "f4", "i8", "i4", "u1", "?", "M8[ns]", "<U3"]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0),
    )
)
def test_arrays_come_back_bit_by_bit(array):
    found = back(array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "value", [np.int64(-3), np.float32(0.1), np.bool_(True), np.float64("nan")]
)
def test_numbers_of_numpy_keep_their_type(value):
    found = back(value)
    assert type(found) is type(value)
    assert found == value or (found != found and value != value)


@pytest.mark.parametrize("name", ["nan", "inf", "-inf", "-0.0"])
def test_what_json_does_not_know_comes_back(name):
    assert repr(back(float(name))) == name


def test_missing_values_of_a_column_stay_what_they_were():
    cells = [None, pd.NA, float("nan"), "\ud800", "一", ["a", None], 3]
    [*found] = back(pd.DataFrame({"a": pd.Series(cells, dtype="object")}))["a"]
    assert found[0] is None
    assert found[1] is pd.NA
    assert isinstance(found[2], float)
    assert found[3:] == cells[3:]


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "whole": np.array([1, 2**60], dtype="int64"),
            "number": [0.1, np.nan],
            "maybe": pd.array([pd.NA, 7], dtype="Int64"),
            "amount": pd.array([pd.NA, 0.1], dtype="Float64"),
            "yes": pd.array([True, pd.NA], dtype="boolean"),
            "text": pd.Series(["一", None], dtype="str"),
            "old_text": pd.Series(["二", pd.NA], dtype="string"),
            "lists": pd.Series([["a"], []], dtype="object"),
            "day": np.array(["2024-06-01", "NaT"], dtype="M8[s]"),
            5: [False, True],
        }
    )


INDEXES = {
    "a range": pd.RangeIndex(3, 7, 2, name="n"),
    "texts": pd.Index(["a", "b"], name="block_id"),
    "objects": pd.Index(["a", 1], dtype="object"),
    "numbers": pd.Index(np.array([5, 6], dtype="int32"), name="rank"),
    "several": pd.MultiIndex.from_arrays([["a", "a"], [1, 2]], names=["unit", None]),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=list(INDEXES))
def test_tables_come_back_with_their_types_and_index(index):
    kept = table().set_axis(index, axis=0)
    pd.testing.assert_frame_equal(back(kept), kept, check_index_type="exact", check_freq=False)
    empty = kept.iloc[:0]
    pd.testing.assert_frame_equal(back(empty), empty, check_index_type="exact")


def test_layers_come_back_with_every_coordinate():
    shapes = [
        shapely.Point(0.1, 1 / 3, 7.7),
        None,
        shapely.Polygon(),
        shapely.box(0, 0, 1, 2),
        shapely.MultiLineString([[(0, 0), (1e-300, 1e300)]]),
    ]
    layer = gpd.GeoDataFrame({"name": list("abcde")}, geometry=shapes, crs="EPSG:4547")
    layer["line"] = gpd.GeoSeries(shapes[::-1], crs="EPSG:4490")
    found = back(layer)
    assert (found.crs.srs, found["line"].crs.srs) == ("EPSG:4547", "EPSG:4490")
    for column in ("geometry", "line"):
        assert list(shapely.to_wkb(found[column])) == list(shapely.to_wkb(layer[column]))
    assert found.active_geometry_name == "geometry"
    assert list(found) == list(layer)
    nothing = back(layer.iloc[:0])
    assert len(nothing) == 0
    assert nothing.crs == layer.crs


def test_shapes_in_a_plain_column_come_back():
    line = shapely.LineString([(0.1, 1 / 3), (2, 2)])
    found = back(pd.DataFrame({"line": pd.Series([line, None], dtype="object")}))["line"]
    assert shapely.to_wkb(found[0]) == shapely.to_wkb(line)
    assert found[1] is None


def test_a_layer_without_a_crs_stays_without():
    assert back(gpd.GeoDataFrame(geometry=[shapely.Point(1, 2)])).crs is None


def test_sparse_matrices_come_back():
    matrix = scipy.sparse.csr_array(np.array([[0, 2, 0], [0, 0, 0]], dtype="int8"))
    found = back(matrix)
    assert found.shape == (2, 3)
    assert found.dtype == matrix.dtype
    assert (found != matrix).nnz == 0


def test_our_types_come_back_equal():
    circle = Circle("elderly", "age_60_plus", WALKERS["elderly"], 15, "99.5")
    assert back(circle) == circle
    ledger = Ledger(10, 7, 2, {"too_far_from_street": 1})
    assert back((ledger, Fraction(1, 3), Decimal("99.50"))) == (
        ledger,
        Fraction(1, 3),
        Decimal("99.50"),
    )


def test_a_ledger_that_does_not_add_up_is_not_made_again():
    writing = Writing()
    text = json.dumps(writing.tree(Ledger(10, 7, 2, {"too_far_from_street": 1})))
    with pytest.raises(AssertionError, match="balance"):
        Reading(writing.parts).value(json.loads(text.replace("7", "8")))


def test_what_is_shared_is_kept_once():
    numbers = np.arange(1000)
    one, several = Writing(), Writing()
    one.tree(numbers)
    several.tree([numbers, numbers.copy(), {"again": numbers}])
    assert one.parts == several.parts


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, 1j, b"bytes", pd.Timestamp("2024-01-01"), pd.Categorical(["a"])],
    ids=lambda value: type(value).__name__,
)
def test_a_kind_that_is_not_known_is_refused(value):
    with pytest.raises(TypeError, match="cannot keep"):
        Writing().tree(value)


def test_a_column_of_a_kind_that_is_not_known_is_refused():
    with pytest.raises(TypeError, match="category"):
        Writing().tree(pd.DataFrame({"a": pd.Categorical(["a"])}))


@pytest.mark.parametrize(
    "named",
    ["os:system", "subprocess:Popen", "carecircle.study:Study", "carecircle.coverage.store:Path"],
)
def test_no_foreign_type_is_ever_made(named):
    tree = {"$": "ours", "v": {"type": named, "fields": [["name", "x"]]}}
    with pytest.raises((ValueError, AttributeError)):
        Reading({}).value(tree)


# --- the file


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A store of a sentence: the file is the same for whatever is kept in it."""
    monkeypatch.setattr(store, "StudyResult", Sentence)
    path = tmp_path / "run.store"
    store.write_store(path, Sentence("speed", "每秒0.8米", "0.8 m/s"))
    return path


def refusal(path) -> str:
    with pytest.raises(StudyError) as error:
        store.read_store(path)
    [problem] = error.value.problems
    assert problem.text("zh")
    assert problem.text("en")
    return problem.id


def test_what_was_kept_comes_back(kept):
    assert store.read_store(kept) == Sentence("speed", "每秒0.8米", "0.8 m/s")
    assert store.is_whole(kept)


def test_the_same_run_gives_the_same_bytes(kept, tmp_path):
    store.write_store(tmp_path / "again.store", store.read_store(kept))
    assert (tmp_path / "again.store").read_bytes() == kept.read_bytes()


def test_no_file_is_told(tmp_path):
    assert refusal(tmp_path / "run.store") == "E-RUN-001"


def test_every_byte_that_is_spoilt_is_found_or_does_not_matter(kept):
    whole, sentence = kept.read_bytes(), store.read_store(kept)
    refused = 0
    for at in range(len(whole)):
        kept.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            assert store.read_store(kept) == sentence
        except StudyError as error:
            assert error.problems[0].id in ("E-RUN-002", "E-RUN-003")
            refused += 1
    assert refused > len(whole) / 2


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_cut_short_is_refused(kept, share):
    whole = kept.read_bytes()
    kept.write_bytes(whole[: int(len(whole) * share)])
    assert refusal(kept) == "E-RUN-003"


def changed(path, **entries):
    """Replace whole entries of the archive, with their sums where they are to be right."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(parts.pop(store.ABOUT))
    about.update({key: value for key, value in entries.items() if key in about})
    if "tree" in entries:
        parts[store.TREE] = entries["tree"].encode()
        about["parts"] = store.sums_of(parts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in {store.ABOUT: json.dumps(about).encode(), **parts}.items():
            archive.writestr(name, part)


@pytest.mark.parametrize("entries", [{"version": "0.0.9"}, {"format": 99}])
def test_another_version_is_refused(kept, entries):
    changed(kept, **entries)
    assert refusal(kept) == "E-RUN-002"


@pytest.mark.parametrize(
    "tree",
    [
        '"a text"',
        "{}",
        '{"$":"ours","v":{"type":"os:system","fields":[]}}',
        '{"$":"array","v":{"shape":[1],"numbers":"none.npy"}}',
        "not json",
    ],
)
def test_a_tree_that_is_no_result_is_refused(kept, tree):
    changed(kept, tree=tree)
    assert refusal(kept) == "E-RUN-003"
