"""On what machine was something measured, and with which versions? Written beside the figures."""

from __future__ import annotations

import datetime
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ALWAYS = ("numpy", "numba", "scipy", "networkx")


def write_record(path: Path, packages: tuple[str, ...], figures: dict[str, Any]) -> None:
    """The figures as JSON, with date, machine class and versions; other keys are kept."""
    record = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "versions": versions(packages),
        **figures,
    }
    text = json.dumps(record, indent=1, allow_nan=False, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """Its class, not its name."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def processor() -> str:
    """What the system calls its processor."""
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Of what is installed; None stands for what is not."""
    found = {}
    for package in (*ALWAYS, *packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def own_peak_mib() -> int:
    """Peak memory of this process so far."""
    import resource  # not on Windows

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
