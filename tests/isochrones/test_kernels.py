import subprocess
import sys
from pathlib import Path

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
no_arcs = np.zeros(4, np.int32), np.empty(0, np.int32), np.empty(0, np.int32), np.zeros(3, bool)
label, _ = kernels.nearest(no_arcs, np.array([1], np.int32), 1000, 1000)
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


def test_a_search_makes_room_when_labels_improve_again_and_again():
    """0 leads to each of 1..k in 20 s more than to the last; the farther, the nearer to k + 1."""
    k = 40
    edges = [(0, i, 20_000 * i) for i in range(1, k + 1)]
    edges += [(i, k + 1, 30_000 * (k - i) + 100_000) for i in range(1, k + 1)]
    both = np.array([*edges, *((b, a, ms) for a, b, ms in edges)])
    both = both[np.argsort(both[:, 0], kind="stable")]
    indptr = np.searchsorted(both[:, 0], np.arange(k + 3)).astype(np.int32)
    heads, ms = both[:, 1].astype(np.int32), both[:, 2].astype(np.int32)
    arcs = indptr, heads, ms, np.zeros(k + 2, bool)
    label, reached = kernels.nearest(arcs, np.array([0], np.int32), 7_200_000, 7_200_000)
    assert sorted(reached.tolist()) == list(range(k + 2))
    # by way of i: 20 i + 30 (k - i) + 100 s, least by way of k
    assert [int(one) >> 32 for one in label] == [20_000 * i for i in range(k + 1)] + [900_000]
