"""The report as a Word file, as a Chinese bureau writes one: 仿宋 for text, 黑体 for headings.

Word takes the letters of Chinese from a style's East Asian font, which python-docx leaves unset:
it is set on every style. Texts of the data become runs of text and nothing else: no field, no
formula, no link. The same report gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from carecircle.layers.problems import Language
from carecircle.maps.blocks import Block, Heading, Paragraph, Picture, Table, Text, words_of
from carecircle.maps.report_words import WORDS
from carecircle.maps.workbook import without_clock

BODY, HEAD, LATIN = "仿宋", "黑体", "Times New Roman"
TEXT_WIDTH = Mm(156)  # A4 less margins of 28 and 26 mm, those of official papers (GB/T 9704)
NUMBER_WIDTH = Mm(21)
ROWS_TOGETHER = 12  # a table of so many stays on one page
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SIZES = {"Title": 22, "Heading 1": 16, "Heading 2": 14, "Heading 3": 12}


def report_docx(blocks: Iterable[Block], lang: Language, day: str) -> bytes:
    """The Word file of a report (`report.report_blocks`); ``day`` is the ISO date on it."""
    document = Document()
    set_page(document)
    set_styles(document)
    return finished(document, blocks, lang, day)


def finished(document: Any, blocks: Iterable[Block], lang: Language, day: str) -> bytes:
    """A document with the blocks at its end, as bytes."""
    add_blocks(document, blocks, lang)
    about(document, day)
    held = io.BytesIO()
    document.save(held)
    return without_clock(held, day)


def about(document: Any, day: str) -> None:
    """What the file says of itself: no person and no hour."""
    facts = document.core_properties
    facts.author, facts.last_modified_by, facts.comments = "carecircle", "", ""
    facts.created = facts.modified = datetime.fromisoformat(day)
    facts.revision = 1


def add_blocks(document: Any, blocks: Iterable[Block], lang: Language) -> None:
    """All blocks, tables and pictures counted."""
    numbers = {Table: 0, Picture: 0}
    for block in blocks:
        if isinstance(block, Heading):
            style = "Title" if block.level == 0 else f"Heading {min(block.level, 3)}"
            document.add_paragraph(xml_text(block.text), style)
        elif isinstance(block, Paragraph):
            document.add_paragraph(xml_text(words_of(block.text)), PARAGRAPHS[block.kind])
        else:
            numbers[type(block)] += 1
            key = "table" if isinstance(block, Table) else "picture"
            caption = WORDS[key][lang].format(number=numbers[type(block)], caption=block.caption)
            if isinstance(block, Table):
                add_table(document, block, xml_text(caption))
            else:
                add_picture(document, block, xml_text(caption))


PARAGRAPHS = {"body": "Body Text", "lead": "Lead", "item": "List Bullet", "note": "Note"}


# --- the look


def set_page(document: Any) -> None:
    """A4 with the margins of official papers, and the page's number below."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(30), Mm(28)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    foot._p.append(field)


def set_styles(document: Any) -> None:
    """Letters, sizes and distances of every style that is used."""
    styles = document.styles
    for name, based in (("Lead", "Body Text"), ("Note", "Body Text")):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles[based]
    for name in ("Normal", "Body Text", "List Bullet", "Lead", "Note"):
        letters(styles[name], BODY, 12)
        styles[name].paragraph_format.line_spacing = 1.4
        styles[name].paragraph_format.space_after = Pt(4)
    styles["Body Text"].paragraph_format.first_line_indent = Pt(24)
    styles["Lead"].font.bold = True
    styles["Lead"].paragraph_format.first_line_indent = Pt(0)
    letters(styles["Note"], BODY, 10.5)
    styles["Note"].paragraph_format.first_line_indent = Pt(0)
    for name, size in SIZES.items():
        letters(styles[name], HEAD, size)
        styles[name].paragraph_format.space_before = Pt(14 if name != "Title" else 0)
        styles[name].paragraph_format.space_after = Pt(6)
        styles[name].paragraph_format.keep_with_next = True
    without_rule(styles["Title"])
    letters(styles["Caption"], HEAD, 10.5)
    styles["Caption"].paragraph_format.keep_with_next = True
    styles["Caption"].paragraph_format.space_before = Pt(8)


def letters(style: Any, east_asian: str, size: float) -> None:
    """The fonts of a style for Latin and for Chinese, its size, black."""
    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    style.font.italic = False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), LATIN)
    fonts.set(qn("w:eastAsia"), east_asian)


def without_rule(style: Any) -> None:
    """No line below the title."""
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


# --- tables and pictures


def add_table(document: Any, block: Table, caption: str) -> None:
    """A table below its caption; its header comes again on every page."""
    document.add_paragraph(caption, "Caption")
    table = document.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    whole = len(block.rows) <= ROWS_TOGETHER
    fill(table.rows[0].cells, [(head,) for head in block.columns], block, True, keep=True)
    repeats = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeats)
    for at, row in enumerate(block.rows, 1):
        added = table.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        fill(added.cells, row, block, False, keep=whole and at < len(block.rows))
    set_widths(table, block)
    document.add_paragraph("", "Note")


def set_widths(table: Any, block: Table) -> None:
    """Columns of numbers as narrow as numbers are, the others share what is left."""
    columns = range(len(block.columns))
    texts = [at for at in columns if at not in block.numeric]
    number = min(NUMBER_WIDTH, TEXT_WIDTH // len(columns))
    left = TEXT_WIDTH - number * len(block.numeric)
    table.autofit = False
    for at in columns:
        width = number if at in block.numeric else left // len(texts)
        table.columns[at].width = width
        for cell in table.columns[at].cells:
            cell.width = width


def fill(cells: Any, texts: Iterable[Text], block: Table, head: bool, keep: bool) -> None:
    """The cells of a row; ``keep`` it on the page of the next."""
    for at, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.style = "Normal"
        paragraph.paragraph_format.space_after = Pt(1)
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.keep_with_next = keep
        run = paragraph.add_run(xml_text(words_of(text)))
        run.font.size, run.font.bold = Pt(10), head
        if at in block.numeric:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if head:
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:fill"), "E6EEF3")
            cell._tc.get_or_add_tcPr().append(shade)


def add_picture(document: Any, block: Picture, caption: str) -> None:
    """A picture above its caption, which also describes it to who cannot see it."""
    paragraph = document.add_paragraph(style="Note")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    width = TEXT_WIDTH if block.wide else int(TEXT_WIDTH * 0.8)
    shape = paragraph.add_run().add_picture(io.BytesIO(block.png), width=width)
    shape._inline.docPr.set("descr", caption)
    below = document.add_paragraph(caption, "Caption")
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    below.paragraph_format.keep_with_next = False


def xml_text(text: str) -> str:
    """A text without the characters that XML forbids."""
    return NOT_XML.sub("", text)
