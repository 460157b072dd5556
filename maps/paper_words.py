"""The words of charts and map sheets, in Chinese and in English."""

from __future__ import annotations

from typing import Any

from carecircle.layers.problems import Language

WORDS: dict[str, dict[Language, str]] = {
    # --- charts
    "curve_nearest": {"zh": "最近一处", "en": "nearest"},
    "curve_second": {"zh": "第二近", "en": "second"},
    "target": {"zh": "目标 {percent}%", "en": "target {percent}%"},
    "curve_title": {
        "zh": "{minutes} 分钟内可达的居民占 {percent}%",
        "en": "{percent}% of people arrive within {minutes} minutes",
    },
    "minutes_walked": {"zh": "步行时间（分钟）", "en": "Minutes walked"},
    "share_of_people": {"zh": "占居民的比例（%）", "en": "Share of people (%)"},
    "lorenz_title": {"zh": "服务分布是否均匀", "en": "How evenly access is spread"},
    "lorenz_facilities": {
        "zh": "可选设施数（基尼系数 {gini}）",
        "en": "facilities in reach (Gini {gini})",
    },
    "lorenz_places": {"zh": "人均名额（基尼系数 {gini}）", "en": "places per person (Gini {gini})"},
    "even": {"zh": "完全均匀", "en": "the same for everybody"},
    "least_served": {"zh": "居民由服务最少到最多（%）", "en": "People, the least served first (%)"},
    "share_held": {"zh": "所占服务的比例（%）", "en": "Share of the service they have (%)"},
    "capacity_title": {
        "zh": "各站点名额与以其为最近站点的人数",
        "en": "Places of each station, and people to whom it is nearest",
    },
    "need": {"zh": "以其为最近站点的人数", "en": "people to whom it is nearest"},
    "places": {"zh": "名额", "en": "places"},
    "people": {"zh": "人", "en": "People"},
    "frontier_title": {"zh": "多投入能多覆盖多少", "en": "What more stations bring"},
    "price_stations": {"zh": "新建站点数", "en": "New stations"},
    "price_cost": {"zh": "费用（元）", "en": "Cost (yuan)"},
    "proven": {"zh": "已证明最优", "en": "proven best"},
    "not_proven": {"zh": "尚未证明最优", "en": "not proven best"},
    "share_covered": {"zh": "覆盖率（%）", "en": "Share of people covered (%)"},
    "before_after_title": {
        "zh": "新建 {count} 处后，覆盖率由 {before}% 变为 {after}%",
        "en": "{count} new stations: from {before}% to {after}% of people covered",
    },
    "today": {"zh": "现状", "en": "today"},
    "with_plan": {"zh": "方案实施后", "en": "with the plan"},
    "no_unit": {"zh": "不属于任何统计单元", "en": "in no unit"},
    # --- map sheets
    "headline": {
        "zh": "{group}居民中，{percent}% 可在 {minutes} 分钟内步行到达{service}"
        "（{input} 人中的 {covered} 人）",
        "en": "{percent}% of people {group} can walk to {service} within {minutes} minutes "
        "({covered} of {input})",
    },
    "headline_withheld": {
        "zh": "{group}居民人数少于 10 人或须保密，不列比例",
        "en": "People {group} are few here: no share is shown",
    },
    "nobody": {"zh": "没有{group}居民", "en": "No people {group} live here"},
    "whole_area": {"zh": "全部研究范围", "en": "The whole study area"},
    "elderly": {"zh": "养老服务设施", "en": "elderly care"},
    "childcare": {"zh": "托育服务设施", "en": "childcare"},
    "met": {"zh": "✓ 已达到 {percent}% 的目标", "en": "✓ The target of {percent}% is met"},
    "not_met": {
        "zh": "✗ 未达到 {percent}% 的目标，还需覆盖 {people} 人",
        "en": "✗ The target of {percent}% is missed by {people} people",
    },
    "no_target": {"zh": "规划未设定目标值", "en": "No target is set"},
    "not_assessed": {"zh": "未作评估", "en": "Not assessed"},
    "legend": {"zh": "图例", "en": "Legend"},
    "covered": {"zh": "已覆盖的小区", "en": "Quarters covered"},
    "uncovered": {"zh": "未覆盖的小区", "en": "Quarters not covered"},
    "excluded": {"zh": "附近无可走街道的小区", "en": "Quarters with no street near"},
    "no_people": {"zh": "无该人群的小区", "en": "Quarters without such people"},
    "covered_cells": {"zh": "已覆盖的方格", "en": "Cells covered"},
    "uncovered_cells": {"zh": "未覆盖的方格", "en": "Cells not covered"},
    "excluded_cells": {"zh": "附近无可走街道的方格", "en": "Cells with no street near"},
    "no_people_cells": {"zh": "无该人群的方格", "en": "Cells without such people"},
    "reach": {"zh": "步行 {minutes} 分钟可达范围", "en": "Ground within {minutes} minutes"},
    "stations": {"zh": "现有设施", "en": "Stations of today"},
    "sites": {"zh": "建议站址（按建设顺序）", "en": "Proposed sites, in order"},
    "neighbourhoods": {
        "zh": "薄弱片区（按人数排名）",
        "en": "Under-served neighbourhoods, by people",
    },
    "streets": {"zh": "街道", "en": "Streets"},
    "site_row": {
        "zh": "{order}  {place}  新增 {people} 人",
        "en": "{order}  {place}  {people} people gained",
    },
    "neighbourhood_row": {
        "zh": "{rank}  {place}  {people} 人",
        "en": "{rank}  {place}  {people} people",
    },
    "sites_after": {
        "zh": "建成后覆盖率 {percent}%{proof}",
        "en": "Share covered then: {percent}%{proof}",
    },
    "proof_optimal": {
        "zh": "（在 {count} 个备选位置中已证明最优）",
        "en": " (proven best of {count} places)",
    },
    "proof_gap": {"zh": "（与上界相差至多 {gap}%）", "en": " (at most {gap}% below the bound)"},
    "unnamed": {"zh": "位置 {order}", "en": "place {order}"},
    "within": {"zh": "{unit}内", "en": "in {unit}"},
    "near": {"zh": "近{street}", "en": "near {street}"},
    "assumptions": {"zh": "假设与口径", "en": "Assumptions"},
    "sources": {"zh": "资料来源", "en": "Sources"},
    "estimated": {
        "zh": "人数为估计值。",
        "en": "The numbers of people are estimates.",
    },
    "dates": {
        "zh": "数据日期 {date}；计算日期 {computed}",
        "en": "Data of {date}; computed on {computed}",
    },
    "dates_computed": {"zh": "计算日期 {computed}", "en": "Computed on {computed}"},
    "streets_date": {"zh": "；街道数据 {date}", "en": "; streets of {date}"},
    "approval": {"zh": "审图号：{number}", "en": "Map approval number: {number}"},
    "draft_mark": {"zh": "草  图", "en": "DRAFT"},
    "draft": {
        "zh": "草图，未经地图审核，不得公开出版",
        "en": "Draft: not reviewed, not for publication",
    },
    "model": {
        "zh": "由模型计算，仅供规划参考；是否覆盖按住户沿路网的步行时间判定，可达范围只作示意。",
        "en": "Computed by a model, for planning. Who is covered is decided by each home's walk "
        "along the streets; the outline of the ground reached is a picture.",
    },
    "metres": {"zh": "{length} 米", "en": "{length} m"},
    "kilometres": {"zh": "{length} 公里", "en": "{length} km"},
    "north": {"zh": "北", "en": "N"},
    "few_note": {
        "zh": "<10：少于 10 人；*：为保护前者而不列。",
        "en": "<10: fewer than ten people; *: withheld so that those stay unknown.",
    },
}


def said(key: str, lang: Language, **gaps: Any) -> str:
    """A phrase with its gaps filled."""
    return WORDS[key][lang].format(**gaps)
