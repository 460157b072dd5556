"""The sentences of the report, in Chinese and in English; {gaps} are filled from the summary."""

from __future__ import annotations

from carecircle.layers.problems import Language

Words = dict[str, dict[Language, str]]

HEADINGS: Words = {
    "title": {"zh": "步行可达性评估报告", "en": "Walking access to care"},
    "asked": {"zh": "一、问题", "en": "1. What was asked"},
    "brief": {"zh": "二、结论", "en": "2. The answer in brief"},
    "data": {"zh": "三、数据及其缺陷", "en": "3. Data, and what is wrong with them"},
    "method": {"zh": "四、方法", "en": "4. Method"},
    "results": {"zh": "五、评估结果", "en": "5. Results"},
    "sites": {"zh": "六、选址与证明", "en": "6. Sites, and their proof"},
    "targets": {"zh": "七、规划目标", "en": "7. Targets of plans"},
    "assumptions": {"zh": "八、假设与不确定性", "en": "8. Assumptions and doubt"},
    "sources": {"zh": "九、资料来源", "en": "9. Sources"},
}

SENTENCES: Words = {
    "dates": {
        "zh": "数据截至 {date}，计算于 {computed}",
        "en": "Data of {date}, computed on {computed}",
    },
    "dates_computed": {"zh": "计算于 {computed}", "en": "Computed on {computed}"},
    "bureau": {
        "zh": "本报告供规划部门内部使用，含未作保护处理的人数，不得公开。",
        "en": "For the bureau's own use: it holds exact counts of people and is not for publication.",
    },
    "approval": {"zh": "审图号：{number}", "en": "Map approval number: {number}"},
    "draft": {
        "zh": "草图，未经地图审核，不得公开出版。",
        "en": "Draft: the maps are not reviewed and not for publication.",
    },
    "asked_circle": {
        "zh": "{circle}：{group}居民中有多少人可在 {minutes} 分钟内步行到达（现有设施 {facilities} 处，步速每秒 {speed} 米）？哪些人不能？",
        "en": "{circle}: how many people {group} can walk there within {minutes} minutes ({facilities} "
        "facilities today, {speed} m/s), and who cannot?",
    },
    "asked_target": {"zh": "目标：覆盖 {target}%。", "en": "Target: {target}% covered."},
    "asked_sites": {
        "zh": "新的站点应设在哪里，才能惠及最多的人？",
        "en": "Where should the next stations go?",
    },
    "share": {
        "zh": "{circle}：{group}居民 {input} 人，其中 {covered} 人（{percent}%）在 {minutes} 分钟内可达，{uncovered} 人不可达。",
        "en": "{circle}: of {input} people {group}, {covered} ({percent}%) are within {minutes} minutes "
        "and {uncovered} are not.",
    },
    "excluded": {
        "zh": "另有 {excluded} 人未能计算，仍计入总数。",
        "en": " {excluded} more could not be measured and stay in the total.",
    },
    "met": {"zh": "已达到 {target}% 的目标。", "en": " The target of {target}% is met."},
    "not_met": {
        "zh": "未达到 {target}% 的目标，还需覆盖 {people} 人。",
        "en": " The target of {target}% is missed by {people} people.",
    },
    "no_target": {"zh": "规划未设定目标值。", "en": " No target is set."},
    "not_assessed": {
        "zh": "数据中没有该人群，未作评估。",
        "en": " Nobody of the group is in the data.",
    },
    "estimated": {"zh": "人数为估计值。", "en": " Numbers of people are estimates."},
    "flips": {
        "zh": "步速每秒 {slow} 至 {fast} 米时，覆盖率为 {low}% 至 {high}%，是否达标取决于步速，结论不稳定。",
        "en": "At {slow} to {fast} m/s the share is {low}% to {high}%: the verdict depends on the "
        "walking speed.",
    },
    "holds": {
        "zh": "步速每秒 {slow} 至 {fast} 米时，覆盖率为 {low}% 至 {high}%，结论相同。",
        "en": "At {slow} to {fast} m/s the share is {low}% to {high}%, with the same verdict.",
    },
    "worst": {
        "zh": "未覆盖人数最多的片区是{name}（{people} 人）。",
        "en": "Most people not covered live around {name} ({people}).",
    },
    "plan": {
        "zh": "新建 {count} 处可新增覆盖 {gained} 人，覆盖率达到 {after}%；{proof}",
        "en": "{count} new stations bring {gained} more people inside, {after}% in all; {proof}",
    },
    "proven": {
        "zh": "在 {candidates} 个备选位置中已证明最优。",
        "en": "proven best of {candidates} candidate places.",
    },
    "bounded": {
        "zh": "在 {candidates} 个备选位置中，与上界相差至多 {gap}%。",
        "en": "at most {gap}% below the bound, of {candidates} candidate places.",
    },
    "nothing": {
        "zh": "没有备选位置能新增覆盖。",
        "en": "No candidate place brings anybody inside.",
    },
    "fewest": {
        "zh": "达到目标最少需新建 {count} 处（已证明）。",
        "en": "The target takes {count} new stations (proven).",
    },
    "fewest_between": {
        "zh": "新建 {count} 处即可达到目标，至少需要 {bound} 处。",
        "en": "{count} new stations reach the target; at least {bound} are needed.",
    },
    "never": {
        "zh": "即使在全部备选位置建站，也只能达到 {reachable}%，达不到目标。",
        "en": "Even with every candidate built only {reachable}% are covered: the target is out of reach.",
    },
    # --- data
    "network": {
        "zh": "路网：{nodes} 个节点，{edges} 条边，可步行长度 {length} 公里；孤立路段 {islands} 处。",
        "en": "Streets: {nodes} nodes, {edges} edges, {length} km to walk; {islands} islands.",
    },
    "streets_date": {"zh": "街道数据截至 {date}。", "en": " Streets of {date}."},
    "snap": {
        "zh": "住户到最近道路平均 {mean} 米，最远 {max} 米；超过 {warn} 米的 {beyond} 处，超过 {limit} 米而未能计算的 {too_far} 处。",
        "en": "Homes lie {mean} m from the nearest street on average, {max} m at most; {beyond} beyond "
        "{warn} m, {too_far} beyond {limit} m and not measured.",
    },
    "layer_caption": {"zh": "输入图层", "en": "Layers"},
    "records": {
        "zh": "读取时有 {count} 条修复或提示，如下（同类合并，全文见 manifest.json）：",
        "en": "{count} repairs or remarks were recorded on reading; the first of each kind, all in "
        "manifest.json:",
    },
    "records_none": {"zh": "读取时无需修复。", "en": "Nothing had to be repaired on reading."},
    "record": {"zh": "{text}（同类 {count} 条）", "en": "{text} ({count} of this kind)"},
    "rejected": {
        "zh": "{count} 行数据有误而被剔除，见 rejected.csv。",
        "en": "{count} faults put rows aside; see rejected.csv.",
    },
    # --- method
    "method_1": {
        "zh": "步行时间沿步行路网计算，以整毫秒计。每位居民从其住处的出入口到最近的道路，沿路网走到设施门前；门到道路的直线也计入时间。一人是否被覆盖，只看其步行时间是否不超过时限，不以等时圈面叠加判定。",
        "en": "Walks are measured along the network of streets, in whole milliseconds: from the door of each "
        "home to the nearest street, along the streets, to the door of a facility. A person is covered "
        "when that walk takes no longer than the limit; no outline is laid over polygons to decide it.",
    },
    "method_2": {
        "zh": "人数按住处逐一相加：已覆盖、未覆盖与未能计算之和等于总数，分毫不差。比例一律舍去尾数，从不进位；步行分钟数一律进位。",
        "en": "People are added up home by home: covered, not covered and not measured make up the total "
        "exactly. Shares are cut, never rounded up; minutes are rounded up.",
    },
    "method_3": {
        "zh": "薄弱片区由沿步行路网相连的未覆盖小区组成，按人数、按需求（人·分钟）与按公平排序。",
        "en": "Under-served neighbourhoods are quarters not covered that hang together along the streets, "
        "ranked by people, by need (person-minutes) and by fairness.",
    },
    "method_4": {
        "zh": "选址采用最大覆盖模型（MCLP，Church & ReVelle 1974）：在备选位置中选出给定数目的站点，使时限内可达的居民最多；由 HiGHS 求解，目标值由所选站点重新计算，并给出任何方案都不能超过的上界。达到目标所需的最少站点数采用部分集合覆盖模型。",
        "en": "Sites solve the maximal covering location problem (Church and ReVelle 1974): of the candidate "
        "places, so many that most people are within the limit. HiGHS solves it; the people are counted "
        "again from the chosen sites, and a bound tells what no plan can exceed. The fewest stations for "
        "a target solve partial set covering.",
    },
    "method_5": {
        "zh": "名额按统一登记的最优分配计算：先使得到名额的人最多，再使步行总时间最短；实际不会优于此。没有名额不等于未覆盖。",
        "en": "Places are given out as one registry would at best: most people with a place first, then the "
        "least walking; reality is no better. Without a place is not the same as not covered.",
    },
    # --- results
    "map_caption": {"zh": "{circle}：覆盖情况", "en": "{circle}: who is inside"},
    "ledger_caption": {"zh": "{circle}：总账", "en": "{circle}: the ledger"},
    "within_caption": {"zh": "{circle}：不同时限", "en": "{circle}: other minutes"},
    "curve_caption": {
        "zh": "{circle}：随步行时间可达的居民",
        "en": "{circle}: people by minutes walked",
    },
    "lorenz_caption": {
        "zh": "{circle}：分布的均匀程度",
        "en": "{circle}: how evenly access is spread",
    },
    "capacity_caption": {"zh": "{circle}：名额与需求", "en": "{circle}: places and need"},
    "units_caption": {"zh": "{circle}：按统计单元", "en": "{circle}: by unit"},
    "hoods_caption": {"zh": "{circle}：薄弱片区", "en": "{circle}: under-served neighbourhoods"},
    "more_rows": {
        "zh": "另有 {count} 行，见 tables.xlsx。",
        "en": "{count} more rows are in tables.xlsx.",
    },
    "places": {
        "zh": "现有名额 {places} 个，假定需要名额的 {demand} 人中 {placed} 人可得到，{without} 人时限内有设施但名额已满，{out} 人时限内无设施。",
        "en": "There are {places} places; of {demand} people taken to look for one, {placed} find it, "
        "{without} reach only full facilities, {out} reach none.",
    },
    "places_not": {
        "zh": "设施未注明名额，名额是否足够未作评价。",
        "en": "Facilities do not tell their places: whether there are enough is not assessed.",
    },
    "backup": {
        "zh": "至少有两处可选的居民占 {percent}%。",
        "en": "{percent}% have at least two within the limit.",
    },
    # --- sites
    "sites_caption": {"zh": "{circle}：新建 {count} 处", "en": "{circle}: {count} new stations"},
    "before_after": {
        "zh": "覆盖率由 {before}% 变为 {after}%，覆盖人数由 {from} 人变为 {to} 人，净增 {gained} 人。",
        "en": "From {before}% to {after}% covered, from {from} to {to} people: {gained} more.",
    },
    "before_after_caption": {"zh": "{circle}：方案前后", "en": "{circle}: before and after"},
    "frontier_caption": {"zh": "{circle}：多投入能多覆盖多少", "en": "{circle}: what more brings"},
    "goal": {"zh": "选址目标：{goal}。", "en": "Sought: {goal}."},
    "closed": {"zh": "同时关闭 {count} 处现有设施。", "en": "{count} stations of today close."},
    "ties": {
        "zh": "同样好的方案共 {count} 个，其中 {in_all} 处见于每一个方案。",
        "en": "{count} plans are equally good; {in_all} sites are in all of them.",
    },
    "ties_more": {
        "zh": "同样好的方案至少有 {count} 个。",
        "en": "At least {count} plans are equally good.",
    },
    "proof": {
        "zh": "{goal}：{value}，上界 {bound}，差距 {gap}%。",
        "en": "{goal}: {value}, bound {bound}, gap {gap}%.",
    },
    "robust": {
        "zh": "稳健方案（新建 {asked} 处，{by}）：{value} 人，上界 {bound} 人；最不利情形为{world}。",
        "en": "Robust plan ({asked} new, {by}): {value} people, bound {bound}; the worst world is {world}.",
    },
    "phase": {
        "zh": "{year} 年新建 {count} 处，覆盖率达到 {percent}%。",
        "en": "{year}: {count} new, {percent}% covered.",
    },
    "ways": {
        "zh": "新增出入口与步行通道（{asked} 处新站点）：仅建站新增 {stations} 人，仅建通道新增 {ways} 人，两者一并新增 {together} 人。",
        "en": "New gates and footpaths (with {asked} new stations): stations alone bring {stations}, ways "
        "alone {ways}, both together {together} people.",
    },
    "sites_none": {"zh": "未提出新站点。", "en": "No new stations are proposed."},
    # --- targets
    "plan_counts": {
        "zh": "{plan}：达标 {met} 项，未达标 {not_met} 项，数据不足 {not_assessed} 项，与位置无关 {not_spatial} 项。",
        "en": "{plan}: {met} met, {not_met} not met, {not_assessed} not assessed, {not_spatial} depend on "
        "no place.",
    },
    "official": {
        "zh": "达标与否由本工具按数据计算，不是官方考核结论。",
        "en": "Verdicts are computed from the data; they are no official assessment.",
    },
    "missing": {"zh": "缺少：{what}", "en": "missing: {what}"},
    "doubt": {
        "zh": "{circle}：在 {draws} 次随机模拟中，{percent}% 达到目标。",
        "en": "{circle}: the target is met in {percent}% of {draws} random draws.",
    },
    "figures": {
        "zh": "本报告中的每个数字都取自 summary.json；输入文件的校验值见 manifest.json。",
        "en": "Every figure of this report is taken from summary.json; the hashes of the inputs are in "
        "manifest.json.",
    },
    "made": {"zh": "由 carecircle {version} 生成。", "en": "Made by carecircle {version}."},
    "table": {"zh": "表 {number}　{caption}", "en": "Table {number}  {caption}"},
    "picture": {"zh": "图 {number}　{caption}", "en": "Figure {number}  {caption}"},
}

COLUMNS: Words = {
    "c_amount": {"zh": "口径", "en": "Counted by"},
    "c_people": {"zh": "居民（人）", "en": "People"},
    "c_quarters": {"zh": "小区（个）", "en": "Quarters"},
    "c_cells": {"zh": "方格（个）", "en": "Cells"},
    "c_land": {"zh": "居住用地（平方米）", "en": "Residential land (m²)"},
    "c_input": {"zh": "总数", "en": "Total"},
    "c_covered": {"zh": "已覆盖", "en": "Covered"},
    "c_uncovered": {"zh": "未覆盖", "en": "Not covered"},
    "c_excluded": {"zh": "未能计算", "en": "Not measured"},
    "c_percent": {"zh": "比例（%）", "en": "Share (%)"},
    "c_minutes": {"zh": "时限（分钟）", "en": "Minutes"},
    "c_unit": {"zh": "统计单元", "en": "Unit"},
    "c_rank": {"zh": "排名", "en": "Rank"},
    "c_name": {"zh": "名称", "en": "Name"},
    "c_place": {"zh": "位置", "en": "Place"},
    "c_count_quarters": {"zh": "小区数", "en": "Quarters"},
    "c_lacking": {"zh": "未覆盖人数", "en": "Not covered"},
    "c_half": {"zh": "半数人步行（分钟）", "en": "Half walk (min)"},
    "c_order": {"zh": "次序", "en": "Order"},
    "c_gain": {"zh": "新增人数", "en": "People gained"},
    "c_cost": {"zh": "费用（元）", "en": "Cost (yuan)"},
    "c_lon": {"zh": "经度", "en": "Longitude"},
    "c_lat": {"zh": "纬度", "en": "Latitude"},
    "c_price_stations": {"zh": "新建处数", "en": "New stations"},
    "c_price_cost": {"zh": "费用（元）", "en": "Cost (yuan)"},
    "c_bound": {"zh": "上界（人）", "en": "Bound (people)"},
    "c_clause": {"zh": "条款", "en": "Clause"},
    "c_target": {"zh": "目标", "en": "Target"},
    "c_found": {"zh": "现状", "en": "Found"},
    "c_wanted": {"zh": "要求", "en": "Wanted"},
    "c_verdict": {"zh": "结论", "en": "Verdict"},
    "c_remark": {"zh": "说明", "en": "Remark"},
    "c_file": {"zh": "文件", "en": "File"},
    "c_rows": {"zh": "行数", "en": "Rows"},
    "c_crs": {"zh": "坐标系", "en": "CRS"},
    "c_encoding": {"zh": "编码", "en": "Encoding"},
}

VERDICTS: Words = {
    "no_unit": {"zh": "不属于任何统计单元", "en": "in no unit"},
    "v_met": {"zh": "✓ 达标", "en": "✓ met"},
    "v_not_met": {"zh": "✗ 未达标", "en": "✗ not met"},
    "v_not_assessed": {"zh": "? 数据不足", "en": "? not assessed"},
    "v_not_spatial": {"zh": "与位置无关", "en": "depends on no place"},
    "near": {"zh": "近{street}", "en": "near {street}"},
    "unnamed": {"zh": "位置 {order}", "en": "place {order}"},
}

WORDS: Words = {**HEADINGS, **SENTENCES, **COLUMNS, **VERDICTS}
