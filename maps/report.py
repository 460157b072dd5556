"""The report for the board: what was asked, what was found, how, and how sure it is.

The blocks are made once, from the finished run and its figures; `report_docx` makes a Word file
of them and `report_html` a page. It holds exact counts: it is the bureau's, not the public's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carecircle.coverage.result import StudyResult
from carecircle.layers.problems import Language
from carecircle.maps.blocks import Block, Teller
from carecircle.maps.files import write_text
from carecircle.maps.report_docx import report_docx
from carecircle.maps.report_html import report_html
from carecircle.maps.report_results import results
from carecircle.maps.report_sites import sites, targets
from carecircle.maps.report_template import templated_docx
from carecircle.maps.report_text import asked, assumed, brief, data, front, method, sources
from carecircle.maps.report_words import WORDS


def write_report_page(
    path: Path, study: StudyResult, summary: Mapping[str, Any], lang: Language
) -> None:
    """Write ``report.html``; raises as `report_blocks`."""
    write_text(path, report_html(report_blocks(study, summary, lang), lang))


def write_report_docx(
    path: Path,
    study: StudyResult,
    summary: Mapping[str, Any],
    lang: Language,
    template: Path | None = None,
) -> None:
    """Write ``report.docx``, in a template of the bureau's own if one is given.

    Raises as `report_blocks` and `report_template.templated_docx`.
    """
    blocks = report_blocks(study, summary, lang)
    if template is None:
        made = report_docx(blocks, lang, study.day)
    else:
        made = templated_docx(template, blocks, summary, lang, study.day)
    path.write_bytes(made)


def report_blocks(
    study: StudyResult, summary: Mapping[str, Any], lang: Language
) -> tuple[Block, ...]:
    """The whole report.

    Raises
    ------
    StudyError
        E-OUT-010: a name has characters that maps and charts cannot be lettered with.
    """
    tell = Teller(summary, WORDS, lang)
    return (
        *front(tell),
        *asked(tell),
        *brief(tell),
        *data(tell, study),
        *method(tell),
        *results(tell, study),
        *sites(tell),
        *targets(tell),
        *assumed(tell),
        *sources(tell),
    )
