"""The report as one page: no request to the network, no script, figures that tell their place."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape

from carecircle.layers.problems import Language
from carecircle.maps.blocks import Block, Heading, Paragraph, Picture, Table, Text, Told
from carecircle.maps.report_words import WORDS

CSS = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 46rem; color: #14212b;
  overflow-wrap: anywhere;
  font: 16px/1.75 "Noto Serif", "Source Han Serif SC", "Songti SC", FangSong, SimSun, serif; }
h1, h2, h3, caption, th, figcaption { font-family: "Noto Sans", "Source Han Sans SC", "PingFang SC",
  "Microsoft YaHei", SimHei, sans-serif; line-height: 1.35; }
h1 { font-size: 1.9rem; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .8rem; border-bottom: 2px solid #14212b; }
h3 { font-size: 1.1rem; margin: 1.8rem 0 .6rem; color: #0f4066; }
p { margin: .6rem 0; }
.lead { font-size: 1.08rem; font-weight: 600; }
.note { color: #4a5a66; font-size: .9rem; }
ul { margin: .4rem 0; padding-left: 1.3rem; }
.frame { overflow-x: auto; margin: 1.2rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; line-height: 1.45; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { border-bottom: 1px solid #c9d2d8; padding: .3rem .5rem; text-align: left;
  vertical-align: top; }
th { border-bottom: 2px solid #14212b; }
td.number, th { overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.4rem 0; break-inside: avoid; }
img { width: 100%; height: auto; }
.narrow img { width: 78%; }
figcaption { font-size: .88rem; font-weight: 600; }
@media print {
  @page { size: A4; margin: 22mm 20mm; }
  body { padding: 0; max-width: none; font-size: 11pt; }
  h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  .frame { overflow: visible; }
}
"""


def report_html(blocks: Iterable[Block], lang: Language) -> str:
    """The page of a report (`report.report_blocks`)."""
    parts = list(blocks)
    title = next((one.text for one in parts if isinstance(one, Heading)), "")
    style = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'"
    head = (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n"
    )
    return head + "\n".join(elements(parts, lang)) + "\n</main>\n</body>\n</html>\n"


def elements(blocks: Iterable[Block], lang: Language) -> Iterator[str]:
    """An element for each block; items that follow one another make a list."""
    numbers = {Table: 0, Picture: 0}
    in_list = False
    for block in blocks:
        item = isinstance(block, Paragraph) and block.kind == "item"
        if item != in_list:
            yield "<ul>" if item else "</ul>"
            in_list = item
        if isinstance(block, Heading):
            level = min(block.level + 1, 3)
            yield f"<h{level}>{escape(block.text)}</h{level}>"
        elif isinstance(block, Paragraph):
            yield paragraph(block)
        else:
            numbers[type(block)] += 1
            yield numbered(block, numbers[type(block)], lang)
    if in_list:
        yield "</ul>"


def paragraph(block: Paragraph) -> str:
    """A paragraph, or an item of a list."""
    if block.kind == "item":
        return f"<li>{inline(block.text)}</li>"
    kind = "" if block.kind == "body" else f' class="{block.kind}"'
    return f"<p{kind}>{inline(block.text)}</p>"


def numbered(block: Table | Picture, number: int, lang: Language) -> str:
    """A table or a picture with its number."""
    key = "table" if isinstance(block, Table) else "picture"
    caption = escape(WORDS[key][lang].format(number=number, caption=block.caption))
    return table(block, caption) if isinstance(block, Table) else picture(block, caption)


def table(block: Table, caption: str) -> str:
    """A table that scrolls in a frame of its own on a narrow screen."""
    heads = "".join(
        f'<th scope="col"{number(at, block)}>{escape(head)}</th>'
        for at, head in enumerate(block.columns)
    )
    rows = "\n".join(
        "<tr>"
        + "".join(f"<td{number(at, block)}>{inline(one)}</td>" for at, one in enumerate(row))
        + "</tr>"
        for row in block.rows
    )
    return (
        f'<div class="frame" tabindex="0"><table><caption>{caption}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def number(at: int, block: Table) -> str:
    """The class of a column of numbers."""
    return ' class="number"' if at in block.numeric else ""


def picture(block: Picture, caption: str) -> str:
    """A picture that travels within the page."""
    data = base64.b64encode(block.png).decode()
    narrow = "" if block.wide else ' class="narrow"'
    source = f"data:image/png;base64,{data}"
    image = f'<img src="{source}" alt="{caption}">'
    return f"<figure{narrow}>{image}<figcaption>{caption}</figcaption></figure>"


def inline(text: Text) -> str:
    """A text as HTML; figures tell where in ``summary.json`` they stand."""
    return "".join(
        f'<span data-figure="{escape(part.path)}">{escape(part.text)}</span>'
        if isinstance(part, Told)
        else escape(part)
        for part in text
    )
