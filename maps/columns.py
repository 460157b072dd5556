"""What does each column of the layers mean? One list for the dictionary and for QGIS's aliases.

A column means the same in every layer that has it. Each: Chinese name, unit, meaning in Chinese
and in English. What is measured is defined in ``docs/``; here it is said in a line.
"""

from __future__ import annotations

from typing import NamedTuple


class Meaning(NamedTuple):
    """What a column is called in Chinese, its unit, and what it means."""

    name: str
    unit: str
    zh: str
    en: str


COLUMNS: dict[str, Meaning] = {
    name: Meaning(*said)
    for name, said in {
        # --- whose, where
        "circle": ("服务圈", "", "elderly 养老，childcare 托育", "the circle the row is of"),
        "block_id": ("小区编号", "", "居住图层的编号", "id of the residential layer"),
        "block_ids": ("小区编号", "", "片区内各小区", "the quarters it is made of"),
        "home_id": ("住户点编号", "", "居民所在的一处", "a place where people live"),
        "facility_id": ("设施编号", "", "设施图层的编号；住户：最近的设施", "id of the facility; of a home: the nearest"),
        "facility_name": ("设施名称", "", "设施的名称", "name of the facility"),
        "candidate_id": ("备选点编号", "", "备选站址的编号", "id of the candidate place"),
        "way_id": ("通道编号", "", "备选出入口或通道的编号", "id of the candidate gate or path"),
        "id": ("编号", "", "站点或备选点的编号", "id of the station or candidate"),
        "name": ("名称", "", "图层中的名称", "its name in the layer"),
        "kind": ("类型", "", "设施、备选点或通道的类型", "kind of facility, candidate or way"),
        "admin_id": ("区划编号", "", "所属的最小统计单元", "the smallest unit it lies in"),
        "level": ("级别", "", "统计单元的级别", "level of the unit"),
        "parent": ("上级编号", "", "上级统计单元", "the unit above"),
        "town": ("镇街", "", "人数最多处的镇街", "town where most of its people live"),
        "unit": ("统计单元", "", "人数最多处的统计单元", "unit where most of its people live"),
        "street": ("街道", "", "最近的街道名", "nearest street"),
        "quarter": ("小区", "", "出入口所在小区", "quarter of the gate"),
        "quarters": ("小区数", "个", "片区内的小区数", "quarters in it"),
        # --- people
        "population": ("总人口", "人", "全部居民", "all residents"),
        "people": ("该人群人数", "人", "服务圈所指人群", "people of the circle's group"),
        "people_covered": ("已覆盖人数", "人", "步行时间不超过时限", "walk no longer than the limit"),
        "people_uncovered": ("未覆盖人数", "人", "步行时间超过时限", "walk longer than the limit"),
        "people_excluded": ("未能计算人数", "人", "附近没有可走的街道，仍计入总数", "no street near that can be walked; part of the total"),
        "population_uncovered": ("未覆盖：总人口", "人", "未覆盖小区的全部居民", "all residents not covered"),
        "age_60_plus_uncovered": ("未覆盖：60岁及以上", "人", "未覆盖的60岁及以上居民", "not covered, aged 60 and over"),
        "age_0_2_uncovered": ("未覆盖：0–2岁", "人", "未覆盖的0–2岁居民", "not covered, aged 0–2"),
        "people_distance": ("附近无设施人数", "人", "时限内没有任何设施", "no facility of any type within the limit"),
        "people_type": ("附近设施不计入的人数", "人", "时限内只有不计入的设施", "only facilities that do not count within the limit"),
        "people_two": ("有两个设施的人数", "人", "时限内有两个或更多设施", "two facilities or more within the limit"),
        "town_percent": ("镇街覆盖率", "%", "所在镇街已覆盖人数的比例，舍去尾数", "share covered of its town, cut"),
        # --- walks
        "walk_minutes": ("步行分钟", "分钟", "到最近设施；小区：半数人不超过此值；空：到不了", "to the nearest facility; of a quarter: half walk no longer; empty: never"),
        "second_minutes": ("到第二近设施分钟", "分钟", "半数人不超过此值", "to the second nearest: half walk no longer"),
        "minutes": ("分钟", "分钟", "面或线：时限；片区：半数人不超过此值", "of ground: the break; of people: half walk no longer"),
        "from_minutes": ("起始分钟", "分钟", "环带的内侧时限", "where the ring begins"),
        "status": ("状态", "", "covered 已覆盖，uncovered 未覆盖，excluded 未能计算，no_people 无该人群", "covered, uncovered, excluded (not measured), no_people"),
        "reason": ("原因", "", "未能计算的原因", "why it was not measured"),
        "percent_within": ("时限内人口", "%", "小区中已覆盖人数的比例，舍去尾数", "share of the quarter covered, cut"),
        "facilities_within": ("时限内设施数", "处", "从住户点起算，按人数加权的中位", "facilities within the limit"),
        "at_speeds": ("不同步速", "", "covered、uncovered 或 depends（取决于步速）", "covered, uncovered, or depends on the speed"),
        "probability": ("覆盖概率", "0–1", "随机模拟中被覆盖的次数之比", "share of random draws in which it is covered"),
        "walker": ("步行者", "", "另一种步行者", "another walker"),
        "snap_m": ("到最近街道", "米", "门到街道的直线", "straight line from the door to the street"),
        "gate_rule": ("出入口规则", "", "居民经何处进出", "by which doors people leave"),
        "on_island": ("在孤立路网上", "", "与主路网不相连", "on streets cut off from the others"),
        # --- places
        "capacity": ("名额", "个", "设施能服务的人数", "people it can serve"),
        "beds": ("床位", "张", "图层所写", "as the layer tells"),
        "seats": ("托位", "个", "图层所写", "as the layer tells"),
        "places_per_1000": ("每千人名额", "个", "两步移动搜寻法（2SFCA）", "two-step floating catchment (2SFCA)"),
        "demand": ("需要名额人数", "人", "假定要一个名额的人", "people taken to look for a place"),
        "placed": ("得到名额", "人", "统一分配后有名额", "have a place when all are given out at best"),
        "without_place": ("有设施无名额", "人", "时限内的设施已满", "reach only full facilities"),
        "out_of_reach": ("够不着", "人", "时限内没有设施", "reach none within the limit"),
        "inclusive": ("普惠", "", "图层所写", "as the layer tells"),
        "operator": ("运营者", "", "图层所写", "as the layer tells"),
        "grade": ("等级", "", "图层所写", "as the layer tells"),
        "opened": ("开办日期", "", "图层所写", "as the layer tells"),
        # --- drawn ground
        "samples": ("检验点数", "个", "检验该面的地点数", "places at which the ground was tried"),
        "overshoot_s": ("最晚超出", "秒", "面内最晚到达处超出的秒数", "by how much its latest ground is late"),
        "late_percent": ("超时面积", "%", "面内超出时限的比例", "share of it that is late"),
        "off_street_percent": ("远离街道", "%", "面内远离街道的比例", "share of it far from streets"),
        "homes_not_reached": ("面内未覆盖住户点", "处", "在面内而走不到", "homes inside that are not reached"),
        "homes_left_out": ("面外已覆盖住户点", "处", "在面外而走得到", "homes outside that are reached"),
        "length_m": ("长度", "米", "线的长度", "length of the line"),
        "area_m2": ("面积", "平方米", "小区用地；备选点：建筑面积", "ground of the quarter; floor of a candidate"),
        "estimated": ("估算", "", "人数为估计值", "its people are an estimate"),
        # --- what is lacking, and where a station could go
        "rank": ("按人数排名", "", "1 为未覆盖人数最多", "1 has most people not covered"),
        "rank_need": ("按需求排名", "", "按超出时限的人·分钟", "by person-minutes beyond the limit"),
        "rank_fair": ("按公平排名", "", "先覆盖率最低的镇街", "worst-served towns first"),
        "missing": ("缺什么", "", "distance 距离，type 类型，capacity 名额", "distance, type or capacity"),
        "others": ("附近不计入的设施", "", "其编号", "ids of facilities near that do not count"),
        "need_person_min": ("超出时限", "人·分钟", "未覆盖者超出时限的分钟之和", "minutes beyond the limit, all people added"),
        "rent": ("租金", "元", "图层所写", "as the layer tells"),
        "cost": ("费用", "元", "图层所写", "as the layer tells"),
        "must": ("必选", "", "研究文件指定必须建站", "the study says it must open"),
        "dominated": ("被支配", "", "另一备选点不差于它", "another candidate is at least as good"),
        "site_order": ("建设顺序", "", "1 为最先；空：未选", "1 opens first; empty: not chosen"),
        "gain_people": ("新增人数", "人", "在其前各站之外新增覆盖", "people it adds to those before it"),
        "asked": ("至多新建", "处", "方案允许的新站点数", "new stations the plan may have"),
        "action": ("措施", "", "open 新建，close 关闭，enlarge 扩建", "open, close or enlarge"),
        "change_people": ("服务人数变化", "人", "与现状相比", "change in people served"),
        "people_alone": ("单独新增人数", "人", "只建此通道", "people it brings alone"),
        "people_together": ("方案内人数", "人", "方案若无此通道会失去", "people the plan would lose without it"),
        "chosen": ("已选", "", "在方案之内", "part of the plan"),
    }.items()
}  # fmt: skip
