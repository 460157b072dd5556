"""What is missing, how far is it to go, what stands beside it? The words of the answers."""

from __future__ import annotations

from carecircle.coverage.plan_measures import Words
from carecircle.coverage.plan_words import GROUPS
from carecircle.coverage.target_result import Missing
from carecircle.layers.attributes import facility_attributes

VERDICT_WORDS = {
    "met": {"zh": "达标", "en": "met"},
    "not_met": {"zh": "未达标", "en": "not met"},
    "not_assessed": {"zh": "未评价", "en": "not assessed"},
    "not_spatial": {"zh": "与空间无关", "en": "not spatial"},
}
RATE_WORDS = {
    "administrative": {"zh": "行政覆盖率", "en": "administrative"},
    "walking": {"zh": "步行覆盖率", "en": "walking"},
    "supply": {"zh": "供给", "en": "supply"},
}
# What is short, besides the attributes of facilities.
SHORT_UNITS: dict[str, dict[str, str]] = {
    "facilities": {"zh": "处设施", "en": "facilities"},
    "persons": {"zh": "人", "en": "people"},
    "m2": {"zh": "平方米", "en": "m²"},
    "quarters": {"zh": "个小区", "en": "quarters"},
    "city": {"zh": "个市", "en": "cities"},
    "district": {"zh": "个区县", "en": "districts"},
    "town": {"zh": "个镇街", "en": "towns and streets"},
    "community": {"zh": "个社区（村）", "en": "communities"},
    "units": {"zh": "个单位", "en": "units"},
}
LAYERS = {
    "facilities": {"zh": "设施图层", "en": "facilities"},
    "admin": {"zh": "行政区划图层", "en": "administrative units"},
    "residential": {"zh": "居住图层", "en": "residential layer"},
    "population": {"zh": "人口数", "en": "population figure"},
    "plan": {"zh": "方案", "en": "plan"},
}
BASES = {"resident": "常住", "registered": "户籍"}
SERVICES = {
    "elderly": {"zh": "养老", "en": "elderly care"},
    "childcare": {"zh": "托育", "en": "childcare"},
    "kindergarten": {"zh": "幼儿园", "en": "kindergartens"},
    "health": {"zh": "医疗卫生", "en": "health"},
    "meals": {"zh": "助餐", "en": "meals"},
    "education": {"zh": "老年教育", "en": "senior education"},
    "other": {"zh": "其他", "en": "other services"},
}
# Columns that are no attribute of facilities, and titles of units.
COLUMNS = {
    "kind": {"zh": "设施种类", "en": "kind of facility"},
    "name": {"zh": "名称", "en": "name"},
    "opened": {"zh": "启用日期", "en": "day of opening"},
    "urban": {"zh": "城镇或乡村", "en": "urban or rural"},
    "open": {"zh": "未写明的内容", "en": "what it leaves open"},
    "built": {"zh": "建成年份", "en": "year it was built"},
    "households": {"zh": "户数", "en": "households"},
    "population": {"zh": "人口", "en": "people"},
    "age_friendly": {"zh": "老年友好型社区", "en": "age-friendly community"},
    "child_friendly": {"zh": "儿童友好社区", "en": "child-friendly community"},
}
LEVELS = {
    "city": {"zh": "市", "en": "city"},
    "district": {"zh": "区县", "en": "district"},
    "town": {"zh": "镇街", "en": "town"},
    "community": {"zh": "社区（村）", "en": "community"},
}


def short_unit(name: str, lang: str) -> str:
    """What is short, in words: places of an attribute, or one of `SHORT_UNITS`."""
    attribute = facility_attributes().get(name)
    if attribute is None:
        return SHORT_UNITS[name][lang]
    if attribute.type == "area":
        return SHORT_UNITS["m2"][lang]
    return attribute.zh if lang == "zh" else attribute.en.lower()


def missing_words(missing: Missing, rows: bool = True) -> Words:
    """A missing input in both languages, such as ``facilities: beds (blank in 3 rows: ...)``.

    Without ``rows`` it is not said which they are.
    """
    what = described(missing)
    told = {
        "absent": ("缺少", "missing"),
        "blank": (
            f"{missing.count} 处空缺或不够明确",
            f"blank or not exact enough in {missing.count} rows",
        ),
        "nobody": ("没有可供评价的对象", "there is nothing to judge by"),
        "open": ("尚待查明", "to be looked up"),
    }[missing.lack]
    more = "…" if missing.count > len(missing.ids) else ""
    ids_zh, ids_en = (sep.join(missing.ids) + more for sep in ("、", ", "))
    listed = (f"：{ids_zh}", f": {ids_en}") if rows and missing.ids else ("", "")
    zh = f"{LAYERS[missing.layer]['zh']}：{what.zh}（{told[0]}{listed[0]}）"
    en = f"{LAYERS[missing.layer]['en']}: {what.en} ({told[1]}{listed[1]})"
    return Words(zh=zh, en=en)


def described(missing: Missing) -> Words:
    """What the missing column or figure is."""
    key, _, value = missing.column.partition("=")
    if missing.layer == "population":
        group, *who = missing.column.split()
        words = GROUPS[group]
        zh = [BASES.get(word, word) for word in who]
        return Words(zh=" ".join([words["zh"], *zh]), en=" ".join([words["en"], *who]))
    if key == "level":
        return Words(zh=f"{LEVELS[value]['zh']}一级", en=f"level {value}")
    if key == "service":
        words = SERVICES[value]
        return Words(zh=f"{words['zh']}设施", en=f"facilities of {words['en']}")
    if key == "unit":
        return Words(zh=f"名为“{value}”的单位", en=f"a unit called {value}")
    attribute = facility_attributes().get(key) if missing.layer == "facilities" else None
    if attribute is not None:
        return Words(zh=f"{attribute.zh}（{key}）", en=f"{attribute.en.lower()} ({key})")
    if missing.layer == "plan":
        return Words(**COLUMNS[key])
    named = COLUMNS.get(key) or GROUPS.get(key)
    if named is None:
        return Words(zh=key, en=key)
    return Words(zh=f"{named['zh']}（{key}）", en=f"{named['en']} ({key})")
