"""``carecircle``: the command line. Heavy imports wait until a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from carecircle import __version__
from carecircle.again_cli import export, map_, report
from carecircle.change_cli import change
from carecircle.comments_cli import app as comments_app
from carecircle.compare_cli import compare
from carecircle.console import (
    EXIT_NOT_PROVEN,
    EXIT_TARGETS_MISSED,
    Voice,
    language,
)
from carecircle.options import AsJson, Debug, Force, Lang, Out, Quiet, StudyPath
from carecircle.plan_cli import app as plan_app
from carecircle.walk_cli import audit, explain

app = typer.Typer(
    name="carecircle",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Which residents can walk to care in time, where can they not, and where should the "
    "next station go?\n\n谁能步行到达养老、托育设施？谁不能？下一个站点该设在哪里？",
    epilog="Try it: carecircle demo    Your own: carecircle init, then carecircle run study.toml",
)

app.add_typer(plan_app, name="plan")
app.add_typer(comments_app, name="comments")

NeedTargets = Annotated[
    bool,
    typer.Option(
        "--require-targets", help="Exit with 5 when a target is missed. 未达标则退出码为 5"
    ),
]
NeedProof = Annotated[
    bool,
    typer.Option(
        "--require-proof",
        help="Exit with 4 unless the sites are proven best. 未证明最优则退出码为 4",
    ),
]

Counts = Annotated[
    str | None,
    typer.Option("--count", help="New stations, such as 3 or 3,5,10: a plan for each. 新增站点数"),
]


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version. 版本")] = False,
) -> None:
    """Answer --version."""
    if version:
        print(__version__)
        raise typer.Exit


@app.command()
def init(
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write. 文件")] = Path(
        "study.toml"
    ),
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from",
            exists=True,
            file_okay=False,
            help="Draft it from the layers of this folder. 按文件夹内的图层起草",
        ),
    ] = None,
    lang: Lang = None,
    debug: Debug = False,
) -> None:
    """Write a commented study file to start from. 生成带注释的研究文件"""
    from carecircle.studyfile import write_template

    voice = Voice(language(lang), quiet=False, as_json=False, debug=debug)
    with voice.one_clear_ending():
        text = None
        if folder is not None:
            from carecircle.drafting import draft_study

            text = draft_study(folder, out)
        write_template(out, text)
        voice.say(str(out))
        voice.notice(
            voice.pick(
                f"填写后运行：carecircle check {out}", f"fill it in, then: carecircle check {out}"
            )
        )


@app.command()
def check(
    study: StudyPath,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Read everything and report, without computing. 只读取和检查，不计算"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.report import check_lines, check_report
        from carecircle.steps import Steps
        from carecircle.study import Study

        inputs = Study.from_file(study).read(Steps(voice.step))
        report = check_report(inputs)
        voice.data(report)
        for line in check_lines(report, voice.lang):
            voice.say(line)


@app.command()
def run(
    study: StudyPath,
    out: Out,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    force: Force = False,
    require_targets: NeedTargets = False,
    require_proof: NeedProof = False,
    debug: Debug = False,
) -> None:
    """Run a study and write its map, tables and figures. 运行研究并写出全部结果"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.study import Study

        summary = run_and_write(Study.from_file(study), out, voice, force)
    judge(summary, require_targets, require_proof)


@app.command()
def site(
    study: StudyPath,
    out: Out,
    count: Counts = None,
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    force: Force = False,
    require_targets: NeedTargets = False,
    require_proof: NeedProof = False,
    debug: Debug = False,
) -> None:
    """Run a study and answer its questions about sites. 运行研究并完成选址研究"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.sitestudy import counts_of
        from carecircle.study import Study

        asked = Study.from_file(study)
        if count is not None:
            asked.ask_for(counts_of(count))
        summary = run_and_write(asked, out, voice, force, site=True)
    judge(summary, require_targets, require_proof)


@app.command()
def demo(
    out: Out = Path("carecircle-demo"),
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    force: Force = False,
    debug: Debug = False,
) -> None:
    """Run on the real streets of a small town, offline. 用真实小镇路网离线演示"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.demo import demo_study

        run_and_write(demo_study(), out, voice, force)


@app.command()
def teach(
    out: Annotated[Path, typer.Option("--out", "-o", help="New folder for it. 新文件夹")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which city. 随机种子")] = 1,
    nodes: Annotated[
        int,
        typer.Option(
            "--nodes", min=2_000, max=1_000_000, help="About so many street nodes. 路网节点数"
        ),
    ] = 2_000,
    mess: Annotated[
        str,
        typer.Option("--mess", help="Faults to add, with commas: docs/teaching-city.md. 故意弄乱"),
    ] = "",
    lang: Lang = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draw a synthetic district with its true answers. 生成教学用虚构城区及正确答案"""
    voice = Voice(language(lang), quiet, as_json, debug)
    with voice.one_clear_ending():
        from carecircle.report import teaching_lines
        from carecircle.teaching_files import write_teaching_city

        messes = [name.strip() for name in mess.split(",") if name.strip()]
        about = write_teaching_city(out, seed, nodes, messes)
        voice.data(about)
        for line in teaching_lines(about, voice.lang):
            voice.say(line)
        voice.say(str(out / "study.toml"))


app.command("map")(map_)
app.command()(report)
app.command()(export)
app.command()(audit)
app.command()(explain)
app.command()(change)
app.command()(compare)


def run_and_write(
    study: Any, out: Path, voice: Voice, force: bool, site: bool = False
) -> dict[str, Any]:
    """One run, from the check of the output folder to the path of the map."""
    from carecircle.assumptions import doubts
    from carecircle.coverage.summary import study_summary
    from carecircle.isochrones.kernels import were_compiled_now
    from carecircle.maps.writer import check_destination, write_results
    from carecircle.publicnotes import public_notes
    from carecircle.report import result_lines
    from carecircle.steps import Steps

    check_destination(out, force)
    steps = Steps(voice.step)
    result = study.run(steps, site)
    summary = study_summary(result)
    with steps.step("writing"):
        write_results(result, summary, study.manifest_facts(steps), out, voice.lang)
    if were_compiled_now():
        voice.notice(
            voice.pick(
                "首次运行含一次性编译，之后会更快",
                "this first run compiled its searches once; the next ones are faster",
            )
        )
    if result.records:
        count = len(result.records)
        voice.notice(
            voice.pick(
                f"输入数据有 {count} 条修复或说明，见 {out / 'manifest.json'} 的 records",
                f"{count} repairs or remarks on the inputs: see records in {out / 'manifest.json'}",
            )
        )
    for words in public_notes(result, out / "map.html", voice.lang):
        voice.notice(words)
    for sentence in doubts(result.assumptions):
        voice.notice(voice.pick(sentence.zh, sentence.en))
    voice.data(summary)
    for line in result_lines(summary, voice.lang):
        voice.say(line)
    voice.say(str(out / "map.html"))
    return summary


def judge(summary: dict[str, Any], require_targets: bool, require_proof: bool) -> None:
    """The exit code, where the caller asked for a verdict."""
    judged = [*summary["circles"], *(t for plan in summary["plans"] for t in plan["targets"])]
    if require_targets and any(one["verdict"] == "not_met" for one in judged):
        raise typer.Exit(EXIT_TARGETS_MISSED)
    if require_proof and any(unproven(circle) for circle in summary["circles"]):
        raise typer.Exit(EXIT_NOT_PROVEN)


def unproven(circle: dict[str, Any]) -> bool:
    """Whether a better plan, or a smaller one for the target, may exist."""
    stations = circle["stations_to_target"]
    out_of_reach = stations is not None and stations["count"] is None
    fewest_proven = stations is None or stations["proven"] or out_of_reach
    plans = list(circle["site_study"]["plans"] if "site_study" in circle else [circle["sites"]])
    plans += (plan for found in circle.get("site_ways", ()) for plan in found["plans"].values())
    study = circle.get("site_study", {})
    beside = [*(study.get("robust") or {"plans": ()})["plans"], study.get("phases")]
    plans += filter(None, beside)
    return any(plan["status"] == "time_limit" for plan in plans) or not fewest_proven


def main() -> None:
    """Entry point of the ``carecircle`` command."""
    app()


if __name__ == "__main__":
    main()
