"""What a run is doing, and how long each step took.

The steps are the chapters of the story; their seconds go into the manifest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Shown while a step runs, in the order of a run.
STEP_NAMES = {
    "streets": {"zh": "读取路网", "en": "reading the streets"},
    "layers": {"zh": "读取并检查图层", "en": "reading and checking the layers"},
    "snapping": {"zh": "住户与设施接入道路", "en": "joining homes and facilities to the streets"},
    "elderly": {"zh": "计算养老服务圈", "en": "computing the elderly-care circle"},
    "childcare": {"zh": "计算托育服务圈", "en": "computing the childcare circle"},
    "auditing": {"zh": "检查路网并统计影响人数", "en": "looking for faults in the streets"},
    "explaining": {"zh": "查找步行路线", "en": "finding the way"},
    "changing": {"zh": "比较两项研究并分解成因", "en": "comparing the studies, cause by cause"},
    "comparing": {"zh": "逐户比较两个情景", "en": "comparing home by home"},
    "siting": {"zh": "选址研究", "en": "studying the sites"},
    "plans": {"zh": "按方案评价", "en": "judging the plans"},
    "writing": {"zh": "写出结果", "en": "writing the results"},
}  # fmt: skip

Listener = Callable[[str], None]


class Steps:
    """Times each step of a run and tells a listener when one begins."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self.listener = listener

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step, from its announcement to its seconds."""
        if self.listener is not None:
            self.listener(name)
        began = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - began
            self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)
