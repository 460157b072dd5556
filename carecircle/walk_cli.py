"""``carecircle audit`` and ``explain``: is the street map whole, and why so many minutes?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carecircle.console import Voice, language
from carecircle.options import AsJson, Debug, Force, Lang, Out, Quiet, StudyPath

NearM = Annotated[
    float,
    typer.Option(
        "--near-m",
        min=0.1,
        max=50,
        help="Ends so near to a street are near misses. 疑似断点距离（米）",
    ),
]
Home = Annotated[str, typer.Option("--home", help="Id of a home. 住户点编号")]
CircleId = Annotated[
    str | None, typer.Option("--circle", help="Which circle; default: all. 服务圈")
]
ToFolder = Annotated[
    Path | None, typer.Option("--out", "-o", help="Folder for table and route. 结果文件夹")
]


def audit(
    study: StudyPath,
    out: Out,
    near_m: NearM = 10.0,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    force: Force = False,
    debug: Debug = False,
) -> None:
    """List where the street map may be broken, by people concerned. 路网勘查清单"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.audit import audit_study
        from carecircle.maps.handout import check_handout_folder, write_handout
        from carecircle.repairwords import NAME, handout, survey_data, survey_lines
        from carecircle.steps import Steps
        from carecircle.study import Study

        check_handout_folder(NAME, out, force)
        steps, asked = Steps(voice.step), Study.from_file(study)
        survey = audit_study(asked, near_m, steps)
        with steps.step("writing"):
            files = write_handout(handout(survey, asked.manifest_facts(steps)), out)
        voice.data(survey_data(survey))
        for line in survey_lines(survey, voice.lang):
            voice.say(line)
        voice.say(str(files[1]))


def explain(
    study: StudyPath,
    home: Home,
    circle: CircleId = None,
    out: ToFolder = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    force: Force = False,
    debug: Debug = False,
) -> None:
    """Show a home's way to its nearest facilities and what costs the time. 解释某住户的步行时间"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.explain import explain_home
        from carecircle.maps.handout import check_handout_folder, write_handout
        from carecircle.routewords import NAME, explained_data, explained_lines, handout
        from carecircle.steps import Steps
        from carecircle.study import Study

        if out is not None:
            check_handout_folder(NAME, out, force)
        steps, asked = Steps(voice.step), Study.from_file(study)
        explained = explain_home(asked, home, circle, steps)
        voice.data(explained_data(explained))
        for line in explained_lines(explained, voice.lang):
            voice.say(line)
        if out is not None:
            with steps.step("writing"):
                files = write_handout(handout(explained, asked.manifest_facts(steps)), out)
            voice.say(str(files[1]))
