"""How does the report come into the paper that a bureau uses: its cover, its head, its styles?

The bureau's Word file may name figures and facts of ``summary.json`` in double braces, such as
``{{ study.name }}`` or ``{{ circles[0].people.percent }}``; the report follows, in its styles.
A template is somebody's text: it is rendered in a sandbox, what it does not know is an error,
and values of the data are text in it, whatever they say.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.exceptions import PackageNotFoundError
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from carecircle.layers.problems import Language, Problem, StudyError
from carecircle.maps.blocks import Block, Heading
from carecircle.maps.report_docx import BODY, HEAD, SIZES, finished, letters, xml_text

FIELDS = ("study", "circles", "plans", "assumptions", "attributions", "network", "snap")
STYLES = ("Body Text", "List Bullet", "Lead", "Note", "Caption", *SIZES)


def templated_docx(
    template: Path,
    blocks: Iterable[Block],
    summary: Mapping[str, Any],
    lang: Language,
    day: str,
) -> bytes:
    """The Word file of a report in a bureau's own template.

    Raises
    ------
    StudyError
        E-OUT-011 docxtpl is not installed, E-OUT-012 the template cannot be read, E-OUT-013 it
        names a field that there is not, or asks for what a template may not do.
    """
    document = Document(io.BytesIO(rendered(template, summary)))
    complete_styles(document)
    body = [one for one in blocks if not (isinstance(one, Heading) and one.level == 0)]
    return finished(document, body, lang, day)


def rendered(template: Path, summary: Mapping[str, Any]) -> bytes:
    """The template with its fields filled."""
    try:
        from docxtpl import DocxTemplate
    except ImportError as error:
        raise StudyError(Problem("E-OUT-011", file=str(template))) from error
    known = {field: texts_of(summary[field]) for field in FIELDS}
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    try:
        paper = DocxTemplate(template)
        unknown = sorted(paper.get_undeclared_template_variables(sandbox) - set(FIELDS))
        if unknown:
            raise StudyError(no_field(template, ", ".join(unknown)))
        paper.render(known, sandbox, autoescape=True)
        held = io.BytesIO()
        paper.save(held)
    except TemplateError as error:
        raise StudyError(no_field(template, error.message or type(error).__name__)) from error
    except (OSError, ValueError, KeyError, BadZipFile, PackageNotFoundError) as error:
        details = {"reason": str(error)}
        raise StudyError(Problem("E-OUT-012", file=str(template), details=details)) from error
    return held.getvalue()


def no_field(template: Path, fault: str) -> Problem:
    """The problem of a template that asks for what there is not."""
    details = {"fault": fault, "known": ", ".join(FIELDS)}
    return Problem("E-OUT-013", file=str(template), details=details)


def texts_of(value: Any) -> Any:
    """The same tree with texts that XML can hold."""
    if isinstance(value, Mapping):
        return {key: texts_of(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [texts_of(one) for one in value]
    return xml_text(value) if isinstance(value, str) else value


def complete_styles(document: Any) -> None:
    """Add the styles that the report needs and the template lacks; its own stay as they are."""
    there = {style.name for style in document.styles}
    for name in STYLES:
        if name not in there:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            letters(style, HEAD if name in SIZES else BODY, SIZES.get(name, 12))
    if "Table Grid" not in there:
        document.styles.add_style("Table Grid", WD_STYLE_TYPE.TABLE)
