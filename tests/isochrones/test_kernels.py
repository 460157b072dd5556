import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from carecircle.isochrones import kernels

ROOT = Path(__file__).parents[2]

# A finder that sees everything but coverage.py, as where it is not installed: from the root of
# the repository Python then finds our folder of that name.
WITHOUT_COVERAGE_PY = """
import sys
from importlib.machinery import PathFinder

class WithoutCoveragePy:
    def find_spec(self, name, path=None, target=None):
        if name == "coverage":
            return PathFinder.find_spec(name, [p for p in sys.path if "-packages" not in p])

sys.meta_path.insert(0, WithoutCoveragePy())
"""
SEARCH = """
import numpy as np
from carecircle.isochrones import kernels
no_arcs = np.zeros((3, 8), np.int32)
no_arcs[:, :4] = np.arange(3)[:, None]
label = np.full(3, kernels.UNREACHED)
one, at_once = np.array([1], np.int32), np.array([0])
kernels.search(no_arcs, one, at_once, 1000 << 32, label, kernels.new_scratch(3, 1000))
assert label.tolist() == [kernels.UNREACHED, 0, kernels.UNREACHED]
"""


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_the_kernels_load_where_coverage_py_is_missing():
    nothing_stays = "assert 'coverage' not in sys.modules\n"
    run(WITHOUT_COVERAGE_PY + SEARCH + nothing_stays)


def test_the_kernels_load_after_somebody_found_our_folder():
    ours = "import coverage; assert coverage.__file__ is None; before = coverage\n"
    restored = "assert sys.modules['coverage'] is before\n"
    run(WITHOUT_COVERAGE_PY + ours + SEARCH + restored)


def test_coverage_py_is_left_alone_where_it_is_installed():
    pytest.importorskip("coverage")
    run("import sys" + SEARCH + "import coverage; assert coverage.Coverage\n")


def test_a_search_makes_room_when_labels_improve_again_and_again(worlds):
    """0 leads to each of 1..k in 20 s more than to the last; the farther, the nearer to k + 1."""
    k = 40
    edges = [(0, i, 20_000 * i) for i in range(1, k + 1)]
    edges += [(i, k + 1, 30_000 * (k - i) + 100_000) for i in range(1, k + 1)]
    edges += [(i, i, 1) for i in range(1, k + 1)]  # makes junctions of them all
    graph = worlds.graph_of(k + 2, edges)
    arcs = graph.skeleton("to").arcs
    label = np.full(len(arcs), kernels.UNREACHED)
    scratch = kernels.new_scratch(len(arcs), 7_200_000)
    begin, last = np.array([0], np.int32), (7_200_000 << 32) | kernels.POSITION
    count, (_, entries, touched) = kernels.search(arcs, begin, np.array([0]), last, label, scratch)
    assert len(entries) > len(scratch[1])
    assert sorted(touched[:count].tolist()) == list(range(len(arcs)))
    # by way of i: 20 i + 30 (k - i) + 100 s, least by way of k
    found = [int(one) >> 32 for one in label[: k + 2]]
    assert found == [20_000 * i for i in range(k + 1)] + [900_000]


@pytest.fixture
def twice(tmp_path):
    """A function of a module of its own, compiled anew as by one more process at each call."""
    (tmp_path / "twice_it.py").write_text("def twice(value):\n    return value + value\n")
    spec = importlib.util.spec_from_file_location("twice_it", tmp_path / "twice_it.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    before = len(kernels._KERNELS)
    yield lambda: kernels.compiled(module.twice)
    del kernels._KERNELS[before:]


def test_a_disk_without_room_for_compiled_code_is_no_fault(twice, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    kernel = twice()
    monkeypatch.setattr(kernel._cache._cache_file, "save", full)
    assert kernel(4) == 8


def test_two_processes_that_compile_at_once_do_not_take_each_others_code(twice, monkeypatch):
    """The first lists its file; before it is written the second, which saw no list, does all."""
    first, second, later = twice(), twice(), twice()
    file, held = first._cache._cache_file, []
    write = file._save_data
    monkeypatch.setattr(file, "_save_data", lambda *named: held.append(named))
    assert first(4) == 8
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(second._cache._cache_file, "_load_index", dict)
    assert second(1.5) == 3.0
    write(*held[0])
    assert later(1.5) == 3.0
    assert later.stats.cache_hits


def test_what_was_kept_of_a_type_that_has_moved_is_compiled_anew(tmp_path):
    source = tmp_path / "kept.py"
    source.write_text("def twice(number):\n    return 2 * number\n")
    spec = importlib.util.spec_from_file_location("kept", source)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert kernels.compiled(module.twice)(4) == 8
    (index,) = (tmp_path / "__pycache__").glob("*.nbi")
    version = f"V{numba.__version__}\n."
    index.write_bytes(f"{version}cno_module_of_this_name\nSeats\n.".encode())
    with pytest.raises(ModuleNotFoundError):  # what numba by itself would do
        numba.njit(cache=True)(module.twice)(4)
    assert kernels.compiled(module.twice)(4) == 8
