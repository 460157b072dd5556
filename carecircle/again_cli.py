"""``carecircle map``, ``report`` and ``export``: outputs of a finished run, made again."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from carecircle.console import Voice, language
from carecircle.options import AsJson, Debug, Lang, Quiet


class Format(StrEnum):
    """Formats beside those of a run; also the names of their folders."""

    GEOPARQUET = "geoparquet"
    SHAPEFILE = "shapefile"
    CSV = "csv"


Results = Annotated[
    Path, typer.Argument(metavar="RESULTS", help="Folder of a finished run. 已完成运行的结果文件夹")
]

Template = Annotated[
    Path | None,
    typer.Option("--template", exists=True, dir_okay=False, help="Your own .docx. 自有 Word 模板"),
]
Formats = Annotated[
    list[Format],
    typer.Option("--format", "-f", help="May be given several times. 可多次给出"),
]
Sheets = Annotated[
    bool, typer.Option("--sheets", help="A3 map sheets as well, PDF and PNG. 同时生成 A3 图幅")
]


def map_(
    results: Results,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    sheets: Sheets = False,
    debug: Debug = False,
) -> None:
    """Make the map of a finished run again. 由已完成的运行重新生成地图"""
    names = ("map.html", "sheets") if sheets else ("map.html",)
    made_again(results, names, Voice(language(lang), quiet, as_json, debug))


def report(
    results: Results,
    template: Template = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make the report of a finished run, for Word and as a page. 由已完成的运行生成报告"""
    voice = Voice(language(lang), quiet, as_json, debug)
    made_again(results, ("report.docx", "report.html"), voice, template)


def export(
    results: Results,
    formats: Formats,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write layers and tables of a finished run in other formats. 以其他格式导出图层与表格"""
    made_again(
        results, tuple(one.value for one in formats), Voice(language(lang), quiet, as_json, debug)
    )


def made_again(
    results: Path, names: tuple[str, ...], voice: Voice, template: Path | None = None
) -> None:
    """Make these outputs again, and say where they are."""
    with voice.one_clear_ending():
        from carecircle.finished import make_again

        paths = make_again(results, names, voice.lang, template)
        voice.data({"written": [path.as_posix() for path in paths]})
        for path in paths:
            voice.say(str(path))
