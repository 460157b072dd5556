"""Kill a run at every step of its writing and tell what is found afterwards.

    python kill_points.py CONFTEST FOLDER

An old result stands in FOLDER. For each call that touches the disk a child process is
forked that overwrites it and dies by SIGKILL at that call. One JSON line per child:
whether it was killed, what stood there at once, and what stood there after the next run
looked at the destination ("old", "new", "absent" or "broken").
"""

import hashlib
import importlib.util
import itertools
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pyogrio

from carecircle.maps import writer

FACTS = {"inputs": [], "parameters": {}, "seconds": {}}
TOUCHES_DISK = [
    (Path, "mkdir"),
    (Path, "write_bytes"),
    (Path, "rename"),
    (pyogrio, "write_dataframe"),
    (os, "fsync"),
    (shutil, "rmtree"),
]


def town(conftest: str, study_name: str) -> SimpleNamespace:
    spec = importlib.util.spec_from_file_location("towns", conftest)
    towns = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(towns)
    study = towns.town(study_name=study_name)
    return SimpleNamespace(study=study, summary=towns.study_summary(study))


def state(folder: Path) -> str:
    """Whose result stands there, if it is whole to the last byte."""
    if not folder.exists():
        return "absent"
    if not (folder / "manifest.json").exists():
        return "broken"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for output in manifest["outputs"]:
        content = (folder / output["file"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != output["sha256"]:
            return "broken"
    return manifest["study"]["name"]


def die_at(point: int) -> None:
    """Kill this process before its n-th touch of the disk."""
    touches = itertools.count()

    def fatal(function):
        def touch(*arguments, **options):
            if next(touches) == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return touch

    for owner, name in TOUCHES_DISK:
        setattr(owner, name, fatal(getattr(owner, name)))


def main(conftest: str, folder: Path) -> None:
    old, new = town(conftest, "old"), town(conftest, "new")
    writer.write_results(old.study, old.summary, FACTS, folder)
    for point in itertools.count():
        child = os.fork()
        if child == 0:
            die_at(point)
            writer.write_results(new.study, new.summary, FACTS, folder)
            os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        at_once = state(folder)
        writer.check_destination(folder)
        beside = sorted(path.name for path in folder.parent.iterdir())
        afterwards = {"killed": killed, "at_once": at_once, "then": state(folder)}
        print(json.dumps({**afterwards, "beside": beside}), flush=True)
        if not killed:
            return
        if afterwards["then"] == "new":
            writer.write_results(old.study, old.summary, FACTS, folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
