"""``carecircle comments import``: the comments of residents, gathered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carecircle.console import Voice, language
from carecircle.options import AsJson, Debug, Force, Lang, Out, Quiet

app = typer.Typer(no_args_is_help=True, help="Comments of residents. 居民意见")
Files = Annotated[
    list[Path], typer.Argument(metavar="FILES...", help="Files saved by the page. 页面存出的文件")
]


@app.callback()
def about() -> None:
    """Comments of residents on the public page. 居民在公开页面上的意见"""


@app.command("import")
def import_(
    files: Files,
    out: Out,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    force: Force = False,
    debug: Debug = False,
) -> None:
    """Merge files of comments into a table and a layer. 合并意见文件，生成表格与图层"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.comments import gather
        from carecircle.commentwords import NAME, comment_lines, comments_data, comments_handout
        from carecircle.maps.handout import check_handout_folder, write_handout
        from carecircle.study import today

        check_handout_folder(NAME, out, force)
        found = gather(files)
        write_handout(comments_handout(found, today()), out)
        voice.data(comments_data(found))
        for line in comment_lines(found, voice.lang):
            voice.say(line)
        voice.say(str(out / f"{NAME}.xlsx"))
