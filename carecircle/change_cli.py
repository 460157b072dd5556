"""``carecircle change``: what changed between two studies, and why?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carecircle.console import Voice, language
from carecircle.options import AsJson, Debug, Force, Lang, Out, Quiet

Older = Annotated[Path, typer.Argument(metavar="OLDER.TOML", help="Study file. 较早的研究文件")]
Newer = Annotated[Path, typer.Argument(metavar="NEWER.TOML", help="Study file. 较新的研究文件")]


def change(
    older: Older,
    newer: Newer,
    out: Out,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    force: Force = False,
    debug: Debug = False,
) -> None:
    """Tell what changed between two studies, by cause. 两项研究之间的变化及成因"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.changed import change_between
        from carecircle.changewords import NAME, change_data, change_lines, handout
        from carecircle.maps.handout import check_handout_folder, write_handout
        from carecircle.steps import Steps
        from carecircle.study import Study

        check_handout_folder(NAME, out, force)
        steps = Steps(voice.step)
        ends = Study.from_file(older), Study.from_file(newer)
        found = change_between(*ends, steps)
        with steps.step("writing"):
            facts = {"older": ends[0].manifest_facts(steps), "newer": ends[1].manifest_facts(steps)}
            files = write_handout(handout(found, facts), out)
        voice.data(change_data(found))
        for line in change_lines(found, voice.lang):
            voice.say(line)
        voice.say(str(files[1]))
