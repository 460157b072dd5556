"""What is in this folder? The README beside a teaching city, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from carecircle.teaching_city import City
from carecircle.teaching_desk import Desk
from carecircle.teaching_mess import Mess
from carecircle.teaching_names import DISTRICT, LABEL

FILES = (
    ("study.toml", "研究文件，可直接运行", "the study file; it runs as it is"),
    (
        "streets.osm.pbf",
        "路网：街道、桥、台阶、小区内部路",
        "streets, bridges, steps, ways inside quarters",
    ),
    (
        "quarters.geojson",
        "小区及人口（60+、65+、80+、0-2、3-5 岁）",
        "quarters with people and ages",
    ),
    ("{elderly}", "养老设施（床位数）", "elderly-care stations with beds"),
    ("{childcare}", "托育设施（托位数）", "childcare stations with places"),
    ("entrances.csv", "封闭小区的大门", "gates of the walled quarters"),
    ("candidates.csv", "备选站点（答案所用）", "the candidate sites the answers speak of"),
    ("communities.geojson", "社区", "communities"),
    ("towns.geojson", "街道（镇）", "towns"),
    ("districts.geojson", "区", "districts"),
    ("city.geojson", "市", "the city"),
    (
        "register.csv",
        "各类设施登记表，含方案所需属性",
        "a register of facilities of every kind, with what plans ask for",
    ),
    (
        "plans.toml",
        "按各方案逐项评价的研究文件",
        "a study file that judges the city by every plan",
    ),
    ("river.geojson", "河流", "the river"),
    ("dem.asc", "地形（ESRI ASCII 栅格，WGS 84，米）", "terrain (ESRI ASCII grid, WGS 84, metres)"),
    (
        "study-hills.toml",
        "同一研究，计入坡度",
        "the same study with its slopes",
    ),
    ("answers.json", "正确答案，独立计算", "the true answers, computed independently"),
)


def readme(
    city: City, truth: Mapping[str, Any], desk: Desk, chosen: Sequence[Mess], nodes: int
) -> str:
    """The whole page."""
    mess = f" --mess {','.join(m.name for m in chosen)}" if chosen else ""
    command = f"carecircle teach --seed {city.seed} --nodes {nodes}{mess} --out DIR"
    names = {name: desk.file_name(name) for name in ("elderly", "childcare")}
    return "\n".join(
        [
            f"# {DISTRICT['zh']} / {DISTRICT['en']}",
            "",
            f"**{LABEL['zh']}。**",
            "",
            f"**{LABEL['en']}.**",
            "",
            f"`{command}` 可逐字节重现 / makes the same bytes again.",
            "",
            "```bash",
            "carecircle run study.toml --out out",
            "```",
            "",
            "| 文件 file | 内容 | content |",
            "|---|---|---|",
            *(f"| `{name.format(**names)}` | {zh} | {en} |" for name, zh, en in FILES),
            "",
            *answer_lines(truth),
            "",
            *mess_lines(desk, chosen),
            "",
        ]
    )


def answer_lines(truth: Mapping[str, Any]) -> list[str]:
    """What `answers.json` says, and for whom."""
    answered = truth["quarters_answered"]
    total = truth["quarters_in_the_city"]
    if answered == "all":
        whom_zh, whom_en = f"全部 {total} 个小区", f"all {total} quarters"
    else:
        whom_zh = f"{total} 个小区中的 {len(answered)} 个（中心附近的样本）"
        whom_en = f"{len(answered)} of {total} quarters, a sample around the middle"
    lines = [
        "## 答案 / Answers",
        "",
        f"`answers.json`：{whom_zh}；未使用本工具的计算引擎。时间为整毫秒，容差 1 毫秒"
        "（街道内某点的时间可从任一端起算取整）；人数一人不差。答案针对未弄乱的文件。",
        "",
        f"`answers.json`: {whom_en}, computed without the tool's own engine. Times are whole "
        "milliseconds within 1 ms (the time to a place inside a street may be cut from either of "
        "its ends; two streets equally near are listed); people are exact. "
        "The answers are those of the unspoilt files.",
        "",
        "| 圈 circle | 人数 people | 覆盖 covered | 未覆盖 uncovered | 不参与 excluded |",
        "|---|---:|---:|---:|---:|",
    ]
    for service, circle in truth["circles"].items():
        p = circle["people"]
        counts = f"{p['input']} | {p['covered']} | {p['uncovered']} | {p['excluded']}"
        lines.append(f"| {service} ({circle['group']}, {circle['walker']}) | {counts} |")
    return [
        *lines,
        "",
        "云上村距任何道路都超过 300 米：计入总数，不参与步行计算，也不属于任何社区。",
        "",
        "The hamlet 云上村 is more than 300 m from any street: it stays in the total, is excluded "
        "from walking, and lies in no community.",
    ]


def mess_lines(desk: Desk, chosen: Sequence[Mess]) -> list[str]:
    """What was spoilt on purpose, and which message must answer."""
    head = ["## 故意弄乱之处 / What is wrong on purpose", ""]
    if not chosen:
        return [*head, "没有：文件均可直接使用。Nothing: every file is in order."]
    rows = [
        f"| {mess.name} | `{file_of(mess, desk)}` | {mess.zh} | {mess.en} | `{mess.answer}` |"
        for mess in chosen
    ]
    return [*head, "| 名称 | 文件 | 问题 | fault | 应答 answer |", "|---|---|---|---|---|", *rows]


def file_of(mess: Mess, desk: Desk) -> str:
    """The file a mess is in, under the name it was written by."""
    return desk.file_name(mess.file) if mess.file in desk.tables else mess.file
