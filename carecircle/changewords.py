"""What changed between two studies, in words: its tables, its layers, lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from geopandas import GeoDataFrame

from carecircle.changed import QUARTER, STUDY, CircleChange, StudyChange
from carecircle.changeplans import plan_lines, plans_sheet, targets_data
from carecircle.coverage.change import CAUSES, hundredths, of_shares, subsets
from carecircle.coverage.result import Circle
from carecircle.coverage.summary import CIRCLE_NAMES
from carecircle.coverage.target_words import LEVELS
from carecircle.layers.problems import Language
from carecircle.maps.handout import Handout
from carecircle.maps.text import plain_text
from carecircle.maps.workbook import Column, Row, Sheet

NAME = "change"
CAUSE_WORDS = {
    "facilities": {"zh": "设施", "en": "facilities"},
    "network": {"zh": "路网和出入口", "en": "streets and gates"},
    "population": {"zh": "人口", "en": "people"},
    "standard": {"zh": "标准（分钟、步行者）", "en": "standard (minutes, walker)"},
}
ROW_WORDS = {
    STUDY: {"zh": "全部", "en": "all"},
    QUARTER: {"zh": "小区", "en": "quarter"},
    "": {"zh": "行政单位", "en": "unit"},
    **LEVELS,
}
HOW = (
    "各成因的份额为夏普利值（Shapley 1953；Shorrocks 2013）：该成因单独的作用，"
    "加上它参与的每项共同作用的均分；逐一组合新旧输入重新计算得出。"
    "每行的份额取整后之和等于该行的变化；小区各列之和与全部一行可因取整相差几人",
    "the part of a cause is its Shapley value (Shapley 1953; Shorrocks 2013): its effect alone and "
    "an equal share of every joint effect it has a hand in, from measuring every mix of old and "
    "new inputs. The whole parts of a row add up to its change; a column of quarters may differ "
    "from the row of all by a few people, by rounding",
)
FROM_EXTRACT = (
    "有一项研究的人口或设施取自路网提取文件，其变化计入路网",
    "in one of the studies people or facilities are read from the street extract: their change "
    "counts as that of the streets",
)


def handout(change: StudyChange, facts: Mapping[str, Any]) -> Handout:
    """The change as files: tables, and a layer of quarters for each circle."""
    return Handout(
        name=NAME,
        day=change.days[1],
        sheets=[
            rows_sheet(change),
            causes_sheet(change),
            *([plans_sheet(change.targets)] if change.targets else []),
            notes_sheet(change),
        ],
        layers={
            f"change_{circle.after.id}": (quarter_layer(change, circle), "Unknown")
            for circle in change.circles
        },
        facts={
            "study": {"older": change.names[0], "newer": change.names[1]},
            "change": change_data(change),
            **facts,
        },
    )


def rows_sheet(change: StudyChange) -> Sheet:
    """A row for the study, each unit and each quarter of every circle."""
    columns: list[Column] = [
        ("服务圈", "circle", 22),
        ("层级", "level", 10),
        ("编号", "id", 16),
        ("名称", "name", 20),
        ("原人数", "people before", 12),
        ("现人数", "people now", 12),
        ("原已覆盖", "covered before", 12),
        ("现已覆盖", "covered now", 12),
        ("覆盖变化", "change of covered", 12),
        *((f"其中：{w['zh']}", f"of it: {w['en']}", 14) for w in map(CAUSE_WORDS.get, CAUSES) if w),
        ("原分钟", "minutes before", 10),
        ("现分钟", "minutes now", 10),
        ("原状态", "status before", 12),
        ("现状态", "status now", 12),
    ]
    rows: list[Row] = [row for circle in change.circles for row in rows_of(circle)]
    return "变化 Change", columns, rows


def rows_of(circle: CircleChange) -> Iterator[Row]:
    """The rows of one circle."""
    parts = parts_by_cause(circle)
    for at, (level, id, name) in enumerate(circle.rows.itertuples(index=False)):
        quarter = circle.quarters.loc[id] if level == QUARTER else None
        covered = circle.covered
        yield (
            both(circle_words(circle)),
            both(ROW_WORDS[level]),
            id,
            name,
            int(circle.people.before[at]),
            int(circle.people.after[at]),
            int(covered.before[at]),
            int(covered.after[at]),
            int(covered.after[at] - covered.before[at]),
            *(int(parts[cause][at]) for cause in CAUSES),
            *(minutes(quarter, when) for when in ("before", "after")),
            *("" if quarter is None else quarter[f"status_{w}"] for w in ("before", "after")),
        )


def parts_by_cause(circle: CircleChange) -> dict[str, Any]:
    """The whole part of each cause in each row; 0 where it did not change."""
    covered = circle.covered
    nothing = np.zeros(len(covered.before), np.int64)
    told = dict(zip(covered.causes, covered.parts.T, strict=True))
    return {cause: told.get(cause, nothing) for cause in CAUSES}


def minutes(quarter: Any, when: str) -> float | None:
    """Minutes of a quarter at one end, None where there are none."""
    if quarter is None or np.isnan(quarter[f"minutes_{when}"]):
        return None
    return float(np.floor(quarter[f"minutes_{when}"] * 10) / 10)


def causes_sheet(change: StudyChange) -> Sheet:
    """What each cause did to the whole study, and what some did together."""
    columns: list[Column] = [
        ("服务圈", "circle", 22),
        ("成因", "cause", 36),
        ("新增覆盖人数", "people covered", 14),
        ("新增人数", "people", 12),
        ("覆盖率（百分点）", "share (points)", 14),
    ]
    rows: list[Row] = []
    for circle in change.circles:
        words = both(circle_words(circle))
        for cause in summed(circle):
            told = both(CAUSE_WORDS[cause["id"]])
            points = cause["points"]
            rows.append((words, told, cause["covered"], cause["people"], points))
        for joint in together(circle):
            told = "；其中共同作用 / of it together: " + " + ".join(
                both(CAUSE_WORDS[cause]) for cause in joint["causes"]
            )
            rows.append((words, told.lstrip("；"), joint["covered"], joint["people"], None))
    return "成因 Causes", columns, rows


def notes_sheet(change: StudyChange) -> Sheet:
    """How to read it, and what both studies assume."""
    columns = (("中文", "Chinese", 70), ("英文", "English", 70))
    notes = [
        (
            "比较："
            + " → ".join(f"{n}（{d}）" for n, d in zip(change.names, change.days, strict=True)),
            "compared: "
            + " → ".join(f"{n} ({d})" for n, d in zip(change.names, change.days, strict=True)),
        ),
        HOW,
        *([FROM_EXTRACT] if change.from_extract else []),
        *((sentence.zh, sentence.en) for sentence in change.assumptions),
    ]
    return "说明 Notes", columns, [list(note) for note in notes]


def quarter_layer(change: StudyChange, circle: CircleChange) -> GeoDataFrame:
    """The quarters with what changed in each."""
    parts = parts_by_cause(circle)
    at = np.flatnonzero(circle.rows["level"] == QUARTER)
    ids = circle.rows["id"].iloc[at].to_numpy(object)
    shapes = change.shapes.loc[ids]
    columns = {
        "block_id": [plain_text(id) for id in ids],
        "name": [plain_text(name) for name in shapes["name"]],
        "people_before": circle.people.before[at],
        "people_now": circle.people.after[at],
        "covered_before": circle.covered.before[at],
        "covered_now": circle.covered.after[at],
        **{f"by_{cause}": parts[cause][at] for cause in CAUSES},
    }
    layer = GeoDataFrame(columns, geometry=shapes.geometry.to_numpy(), crs=change.shapes.crs)
    return layer.to_crs(change.output_crs)


# --- figures


def change_data(change: StudyChange) -> dict[str, Any]:
    """The change ready for JSON."""
    return {
        "older": {"name": change.names[0], "date": change.days[0]},
        "newer": {"name": change.names[1], "date": change.days[1]},
        "causes": list(change.causes),
        "circles": [circle_data(circle) for circle in change.circles],
        "targets": targets_data(change.targets),
    }


def circle_data(circle: CircleChange) -> dict[str, Any]:
    """One circle."""
    people, covered = circle.people, circle.covered
    return {
        "id": circle.after.id,
        "minutes": {"before": circle.before.minutes, "after": circle.after.minutes},
        "walker": {"before": circle.before.walker.id, "after": circle.after.walker.id},
        "people": {"before": int(people.before[0]), "after": int(people.after[0])},
        "covered": {"before": int(covered.before[0]), "after": int(covered.after[0])},
        "parts": summed(circle),
        "together": together(circle),
        "worlds": [
            {
                "new": [cause for cause in covered.causes if cause in chosen],
                "people": int(people.worlds[chosen][0]),
                "covered": int(covered.worlds[chosen][0]),
            }
            for chosen in subsets(covered.causes)
        ],
    }


def summed(circle: CircleChange) -> list[dict[str, Any]]:
    """The part of each cause in the whole study; exact beside the whole number."""
    people, covered = circle.people, circle.covered
    points = points_of(circle)
    return [
        {
            "id": cause,
            "covered": int(covered.parts[0, at]),
            "covered_exact": str(covered.part(0, cause)),
            "people": int(people.parts[0, at]),
            "points": None if points is None else float(points[cause]),
        }
        for at, cause in enumerate(covered.causes)
    ]


def points_of(circle: CircleChange) -> dict[str, Fraction] | None:
    """The part of each cause in the covered share, in points; None where a world is empty."""
    if any(circle.people.worlds[chosen][0] == 0 for chosen in subsets(circle.people.causes)):
        return None
    share = of_shares(circle.covered, circle.people, np.array([0]))
    return hundredths({cause: share.part(0, cause) for cause in share.causes})


def together(circle: CircleChange) -> list[dict[str, Any]]:
    """What several causes do to the whole study that they do not do one by one."""
    return [
        {
            "causes": [cause for cause in circle.covered.causes if cause in chosen],
            "covered": int(effect[0]),
            "people": int(circle.people.joint[chosen][0]),
        }
        for chosen, effect in circle.covered.joint.items()
        if len(chosen) > 1 and effect.any()
    ]


# --- lines


def change_lines(change: StudyChange, lang: Language) -> Iterator[str]:
    """What changed, and why, circle by circle."""
    if lang == "zh":
        yield f"{change.days[0]} → {change.days[1]}"
    else:
        yield f"from {change.days[0]} to {change.days[1]}"
    if not change.causes:
        yield "输入没有变化" if lang == "zh" else "nothing in the inputs has changed"
    for circle in change.circles:
        yield from circle_lines(circle, lang)
    yield from plan_lines(change.targets, lang)
    if change.from_extract:
        yield FROM_EXTRACT[0 if lang == "zh" else 1]


def circle_lines(circle: CircleChange, lang: Language) -> Iterator[str]:
    """One circle: its figures, the parts of the causes, what they do together."""
    people, covered = circle.people, circle.covered
    was = int(covered.before[0]), int(people.before[0])
    now = int(covered.after[0]), int(people.after[0])
    name = circle_words(circle)[lang]
    if lang == "zh":
        yield f"{name}：覆盖 {was[0]:,} / {was[1]:,} 人 → {now[0]:,} / {now[1]:,} 人"
    else:
        yield f"{name}: {was[0]:,} of {was[1]:,} people covered, now {now[0]:,} of {now[1]:,}"
    for part in summed(circle):
        points = "" if part["points"] is None else f"{part['points']:+.2f}"
        cause = CAUSE_WORDS[part["id"]][lang]
        if lang == "zh":
            yield f"  {cause}：{part['covered']:+,} 人" + (f"，{points} 个百分点" if points else "")
        else:
            yield f"  {cause}: {part['covered']:+,} people" + (
                f", {points} points" if points else ""
            )
    for joint in together(circle):
        causes = " + ".join(CAUSE_WORDS[cause][lang] for cause in joint["causes"])
        if lang == "zh":
            yield f"  相互影响：{causes} 共同 {joint['covered']:+,} 人（已均分到各成因）"
        else:
            yield f"  interacting: {causes}, together {joint['covered']:+,} people (shared equally)"


def circle_words(circle: CircleChange) -> dict[Language, str]:
    """What a circle is called, with both its minutes where they differ."""
    names = [circle_name(one) for one in (circle.before, circle.after)]
    if names[0] == names[1]:
        return names[1]
    return {lang: f"{names[0][lang]} → {names[1][lang]}" for lang in names[0]}


def circle_name(circle: Circle) -> dict[Language, str]:
    """A circle as it is called on every output."""
    words = CIRCLE_NAMES[circle.service]
    return {"zh": words["zh"].format(circle.minutes), "en": words["en"].format(circle.minutes)}


def both(words: Mapping[Any, str]) -> str:
    """Both languages."""
    return f"{words['zh']} / {words['en']}"
