"""What is to be known of a page before it goes to the public: masked names, and its size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from carecircle.coverage.result import StudyResult
from carecircle.layers.problems import Language
from carecircle.maps.leaks import masked_names
from carecircle.maps.page_size import NOTE_BYTES, size_words


def public_notes(study: StudyResult, page: Path, lang: Language) -> Iterator[str]:
    """A sentence for each thing that the planner should know."""
    names = masked_names(study)
    if names and lang == "zh":
        yield f"{names} 个名称含电话、身份证号或邮箱，在地图与图幅上以 *** 代替；表格与图层中仍在"
    elif names:
        yield (
            f"{names} names hold phone, identity or e-mail numbers: *** on map and sheets, still "
            "in tables and layers"
        )
    if page.stat().st_size > NOTE_BYTES:
        said = size_words(page.read_text(encoding="utf-8"), lang)
        if said:
            yield said
