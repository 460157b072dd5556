"""What does each plan that ships ask for? ``docs/plans.md``, made from the plan files.

For every plan the targets that are computed, those computed partly, those that no layer can
tell, and the inputs each takes. A test compares the page with what `page` gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from carecircle.coverage.plan import Plan, Target
from carecircle.coverage.target_judge import needs_of
from carecircle.plan_guide import rows
from carecircle.plan_report import SPATIAL, figure, said, summary_of
from carecircle.planfile import load_plan, packaged_plans

HEAD = """# What the plans ask for / 各方案的指标与所需数据

Made by the code from the plan files (`coverage/plans/`); do not edit.
本页由代码从方案文件生成，请勿手改。

```
carecircle plan list
carecircle plan show dazu-2023 quarter-hour-circle
carecircle plan assess changzhou-2022 people.toml
```

A study names its plans, `plans = ["dazu-2023"]`, and `carecircle run` answers for each target
`met`, `not met` or `not assessed` with every input that is missing. The results are in
`summary.json` (`plans`), in the sheet 方案 Plans of `tables.xlsx`, in the table `plans` of
`results.gpkg` and on `map.html`. `plan assess` needs no map: it tells what a plan asks for by a
census alone.

在研究文件中写 `plans = ["dazu-2023"]`，运行后逐项给出：达标、未达标，或未评价并列出缺少的全部数据。
`plan assess` 无需地图，仅凭普查人口给出方案的需求。

## How a target is judged / 怎样评价

- **Nothing is guessed.** A blank cell is neither 0 nor no. A target that depends on it is not
  assessed and names the column and the rows, unless `blanks_are_no` says that a blank means no.
  Beds are expected of kinds counted in beds only, seats of kinds counted in seats.
  A 0 counts as 0; facilities with 0 beds or seats are named beside the figure.
  空白既不是 0 也不是“否”；除非研究文件用 `blanks_are_no` 说明。写为 0 的按 0 计，并列出供核对。
- **A service needs a layer.** Where no layer holds a facility of a service, the target is not
  assessed; `complete = ["meals"]` says that there is none.
  图层中没有某类设施时不评价；确无此类设施的，用 `complete` 说明。
- **The right people.** Places per 1,000 are divided by people of the base and year that the
  target names: a figure under `[plan_options]`, else those of the layers where `[population]`
  states the same base and year, else the plan's own, where the study has about as many people
  (80 to 125 %: a study of one district is not divided by its whole city). Those of another year
  never stand in. What the rate asks for is told as soon as the people are known.
  人口口径和年份必须与指标一致，其他年份的人口不能代替；方案自己的人口仅在研究范围人口为其
  80% 至 125% 时采用。人口已知即给出按目标共需的数量。
- **What a rate asks for** (`need`, `gap`, `gap_per_year`) is met when there are enough places. The
  figure that the plan writes beside it is shown as the plan's and compared with nothing. Where a
  target in % is told in beds, as its denominator is in no layer, `value_unit` says so.
  按比例推算的需求和缺口以现有数量够不够判断，方案所写数字仅列出，不作比较；分母不在图层中的百分比指标
  只列数量，单位见 `value_unit`。
- **Two rates, never mixed.** The administrative rate counts units with a facility inside the
  boundary; the walking rate counts people who get there in time, across any boundary.
  行政覆盖率看界内有无，步行覆盖率看居民能否按时走到，分别计算。
- **Tiers do not stand in for one another.** 各层级、各圈互不代替。
- **Town or country** is told by the unit, or the one above it. Quarters in no unit are neither:
  they take no part in a target of one of them, and their people are told.
  城镇、乡村按行政单位区分；不在任何单位内的小区两者都不计入，人数另行说明。
- **New quarters** are those built after the plan was issued. `land_per_person` takes the quarter
  that has least (0.1 m² of land), `sites_per_land` one site for each 300 mu, with `least` for its
  750 m² or 9 classes, `quarters_with` what each quarter over 1,000 households must have.
  新建小区指方案印发后建成的小区；人均用地取最小的小区，300 亩以下不另配。
- **Next to** (毗邻) is a walk of so many metres along the streets, or a straight line where `by`
  says so; nothing stands beside itself. 毗邻按步行距离计算，设施不与自身毗邻。
- **Circles are walked**, that of 30 minutes too: no plan states another way to travel, and the
  assumption is printed with each. 各生活圈（含 30 分钟）均按步行，随结果说明。
- **Nobody states a speed**, so a walking share is measured at 0.6, 0.8 and 1.0 m/s too: where the
  verdict is the opposite at one of them it is marked (`turns`), with the share there. Lists of
  quarters and new quarters are not tried.
  方案均未规定步速：步行覆盖率另按三种步速计算，结论相反的加以标注。
- **Values are exact** and printed cut, never rounded up to a target. A plain figure (`=`) is
  reached by more. 数值精确比较，显示时只截不入；“=”的指标超过即为达到。
- **Kinds one cannot walk to** (family beds, childcare at work) cover nobody; their seats and
  beds count. 不可前往的设施种类不计步行覆盖，床位和托位照常计入。
- **Planned** facilities count only where the target's `status` says so; closed ones never.
  规划中的设施仅在指标注明时计入，已关闭的从不计入。

`service=health` in a list of inputs means facilities of that service; `level=town` units of
that level; `unit=龙水镇` a unit of that name; `total resident 2025` people of that base and
year. Targets of walking also need the streets.
"""


def page() -> str:
    """The whole page."""
    plans = [load_plan(name) for name in packaged_plans()]
    parts = [HEAD, *rows(("plan", "", *SPATIAL, "targets"), map(counts, plans))]
    for plan in plans:
        parts += section(plan)
    return "\n".join(parts) + "\n"


def counts(plan: Plan) -> tuple[str, ...]:
    """One plan in numbers."""
    summary = summary_of(plan)
    sorts = (str(summary[spatial]) for spatial in SPATIAL)
    return (f"[{plan.id}](#{plan.id})", plan.zh, *sorts, str(summary["targets"]))


def section(plan: Plan) -> Iterator[str]:
    """The targets of one plan, by whether layers can tell."""
    yield f"\n## {plan.id}\n\n{plan.zh} / {plan.en}"
    for spatial, words in SPATIAL.items():
        targets = [target for target in plan.targets if target.spatial == spatial]
        if targets:
            yield f"\n### {words['en']} / {words['zh']} ({len(targets)})\n"
            yield from target_rows(plan, targets, spatial)


def target_rows(plan: Plan, targets: list[Target], spatial: str) -> Iterator[str]:
    """A table of targets: what is promised, how it is measured, which inputs it takes."""
    if spatial == "no":
        heads = ("target", "指标", "reason / 原因")
        yield from rows(
            heads, ((t.id, t.zh, f"{t.reason.en} {t.reason.zh}") for t in targets if t.reason)
        )
        return
    yield from rows(
        ("target", "指标", "", "measure", "inputs"),
        ((t.id, t.zh, promised(t), measured(t), inputs(plan, t)) for t in targets),
    )


def promised(target: Target) -> str:
    """The figure and the year, or what stays open where nothing is judged."""
    if not target.judged and target.open is not None:
        return f"{figure(target, 'en')} shown, not judged: {said(target.open, 'en')}"
    return figure(target, "en")


def measured(target: Target) -> str:
    """The measure's kind."""
    return "" if target.measure is None else f"`{target.measure.kind}`"


def inputs(plan: Plan, target: Target) -> str:
    """Every input a target takes, by layer."""
    by_layer: dict[str, list[str]] = {}
    for need in needs_of(plan, target):
        by_layer.setdefault(need.layer, []).append(f"`{need.column}`")
    return "; ".join(f"{layer} {', '.join(columns)}" for layer, columns in by_layer.items())
