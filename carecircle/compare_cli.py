"""``carecircle compare``: who gains and who loses from one study or scenario to another?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carecircle.console import Voice, language
from carecircle.options import AsJson, Debug, Force, Lang, Out, Quiet

First = Annotated[
    Path, typer.Argument(metavar="A.TOML", help="Study or scenario file. 研究或情景文件")
]
Second = Annotated[
    Path, typer.Argument(metavar="B.TOML", help="Study or scenario file. 研究或情景文件")
]


def compare(
    first: First,
    second: Second,
    out: Out,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    force: Force = False,
    debug: Debug = False,
) -> None:
    """Tell who gains and who loses from A to B. 从 A 到 B 谁受益、谁受损"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.compared import comparison
        from carecircle.comparewords import NAME, compare_data, compare_lines, handout
        from carecircle.maps.handout import check_handout_folder, write_handout
        from carecircle.steps import Steps
        from carecircle.study import Study

        check_handout_folder(NAME, out, force, page=True)
        steps = Steps(voice.step)
        ends = Study.from_file(first), Study.from_file(second)
        found = comparison(*ends, steps)
        with steps.step("writing"):
            told = [study.manifest_facts(steps) for study in ends]
            facts = dict(zip(("first", "second"), told, strict=True))
            write_handout(handout(found, facts, voice.lang), out)
        voice.data(compare_data(found))
        for line in compare_lines(found, voice.lang):
            voice.say(line)
        voice.say(str(out / f"{NAME}.html"))
