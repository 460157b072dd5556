import subprocess
import sys
from pathlib import Path

import pytest

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
from carecircle.isochrones import kernels
label = kernels._new_scratch(3, 1000)[0]
assert label.tolist() == [kernels.UNREACHED] * 3
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
