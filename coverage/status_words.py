"""What do the states and rules in the tables mean? In both languages."""

from __future__ import annotations

STATUS_NAMES = {
    "covered": {"zh": "已覆盖", "en": "covered"},
    "uncovered": {"zh": "未覆盖", "en": "not covered"},
    "excluded": {"zh": "附近无可走街道", "en": "no street to walk on near"},
    "no_people": {"zh": "无该人群", "en": "nobody of the group"},
}
SOLVER_NAMES = {
    "optimal": {"zh": "已证明最优", "en": "proven optimal"},
    "time_limit": {"zh": "到时限为止，未证明最优", "en": "stopped at the time limit, not proven"},
    "nothing_to_gain": {"zh": "没有站址能新增覆盖", "en": "no site covers anybody more"},
}
REASON_NAMES = {
    "too_far_from_street": {"zh": "离街道过远", "en": "too far from a street"},
    "no_street_for_walker": {
        "zh": "附近街道该步行者不能走",
        "en": "no street for this walker near",
    },
}
GATE_RULE_NAMES = {
    "entrances": {"zh": "出入口图层", "en": "entrances"},
    "osm_gates": {"zh": "地图上的门", "en": "gates on the map"},
    "virtual_gates": {"zh": "道路与边界交点", "en": "where ways cross the edge"},
    "nearest_edge": {"zh": "最近道路", "en": "nearest street"},
}
PRICE_NAMES = {
    "stations": {"zh": "新建设施（处）", "en": "new stations"},
    "cost": {"zh": "费用（元）", "en": "cost (yuan)"},
}
