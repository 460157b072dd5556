"""``carecircle plan``: which plans are there, what do they promise, and is a plan file sound?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carecircle.console import Voice, language
from carecircle.options import AsJson, Debug, Lang

app = typer.Typer(
    no_args_is_help=True, help="Plans and standards as data: list, show, check. 方案与标准"
)

PlanName = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan that ships, or a .toml file. 方案名或文件")
]


@app.command("list")
def list_plans(lang: Lang = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """List the plans and standards that ship. 列出内置方案与标准"""
    voice = Voice(language(lang), quiet=False, as_json=as_json, debug=debug)
    with voice.one_clear_ending():
        from carecircle.plan_report import summary_line, summary_of
        from carecircle.planfile import load_plan, packaged_plans

        plans = [load_plan(name) for name in packaged_plans()]
        voice.data({"plans": [summary_of(plan) for plan in plans]})
        for plan in plans:
            voice.say(summary_line(plan, voice.lang))


@app.command()
def show(
    plan: PlanName,
    target: Annotated[
        str | None, typer.Argument(metavar="TARGET", help="One of its targets. 指标")
    ] = None,
    lang: Lang = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show what a plan promises, or one target in full. 查看方案或其中一项指标"""
    voice = Voice(language(lang), quiet=False, as_json=as_json, debug=debug)
    with voice.one_clear_ending():
        from carecircle.plan_report import plan_lines, target_lines
        from carecircle.planfile import load_plan, target_of

        found = load_plan(plan)
        if target is None:
            voice.data(found.model_dump(mode="json", exclude_none=True, exclude_unset=True))
            lines = plan_lines(found, voice.lang)
        else:
            one = target_of(found, target)
            voice.data(one.model_dump(mode="json", exclude_none=True, exclude_unset=True))
            lines = target_lines(found, one, voice.lang)
        for line in lines:
            voice.say(line)


@app.command()
def assess(
    plan: PlanName,
    people: Annotated[
        Path, typer.Argument(metavar="PEOPLE.TOML", help="A census and stated figures. 人口文件")
    ],
    lang: Lang = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tell what a plan asks for by its people alone, and what else it takes. 仅按人口评价"""
    voice = Voice(language(lang), quiet=False, as_json=as_json, debug=debug)
    with voice.one_clear_ending():
        from carecircle.coverage.target_table import plan_figures
        from carecircle.plan_people import assess as assess_by_people
        from carecircle.plan_report import judged_lines

        figures = plan_figures(assess_by_people(plan, people))
        voice.data(figures)
        for line in judged_lines(figures, voice.lang):
            voice.say(line)


@app.command()
def check(plan: PlanName, lang: Lang = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Check a plan file and list everything that is wrong with it. 检查方案文件"""
    voice = Voice(language(lang), quiet=False, as_json=as_json, debug=debug)
    with voice.one_clear_ending():
        from carecircle.plan_report import summary_line, summary_of
        from carecircle.planfile import load_plan

        found = load_plan(plan)
        voice.data(summary_of(found))
        voice.say(summary_line(found, voice.lang))
