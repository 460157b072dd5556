"""What do planners call our columns? Only used to suggest, never to decide.

The names are those met in tables of Chinese civil-affairs, health and statistics bureaus, in
census tables and in OpenStreetMap exports. A message that misses a column names the likely
one, and ``carecircle init --from`` drafts ``columns`` from them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from carecircle.layers.attributes import facility_attributes

ALIASES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "编号", "编码", "代码", "序号", "小区编号", "机构编号", "机构代码", "设施编号", "行政区划代码",
        "统一社会信用代码", "code", "objectid", "fid", "cell_id", "codigo", "osm_id", "gid",
    ),
    "name": (
        "name", "名称", "机构名称", "设施名称", "养老机构名称", "托育机构名称", "项目名称", "站点名称", "小区名称", "小区", "小区名", "社区名称", "社区",
        "居委会", "街道名称", "街道", "乡镇", "单位名称", "denominaci", "nombre", "title",
    ),
    "x": ("x", "lng", "lon", "long", "longitude", "经度", "东经", "经度(°)", "横坐标", "东坐标", "x坐标"),
    "y": ("y", "lat", "latitude", "纬度", "北纬", "纬度(°)", "纵坐标", "北坐标", "y坐标"),
    "population": (
        "population", "常住人口", "常住人口数", "人口", "人口数", "总人口", "居住人口", "人数", "户籍人口",
        "pop", "pop_total", "total_pop", "people", "residents", "poblacion", "pop_2015", "pop_2020",
    ),
    "age_60_plus": (
        "age_60_plus", "60岁以上人口", "60岁以上", "60岁及以上人口", "60岁及以上", "60周岁以上", "老年人口",
        "老年人", "老年人数", "60+", "60岁+", "pop60", "pop_60", "age60", "elderly", "over60",
    ),
    "age_65_plus": ("age_65_plus", "65岁以上人口", "65岁以上", "65岁及以上人口", "65岁及以上", "65+", "pop65"),
    "age_80_plus": ("age_80_plus", "80岁以上人口", "80岁以上", "80岁及以上人口", "80岁及以上", "高龄", "80+", "pop80"),
    "age_3_5": ("age_3_5", "3-5岁", "3-5岁人口", "3~5岁", "3-6岁", "学前儿童"),
    "age_0_2": (
        "age_0_2", "0-2岁", "0-2岁人口", "0~2岁", "0—2岁", "3岁以下", "3岁以下婴幼儿", "0-3岁", "婴幼儿",
        "婴幼儿人口", "pop0_2", "pop_0_2", "infants", "under3",
    ),
    "service": ("service", "服务类型", "服务", "服务类别"),
    "kind": ("kind", "类型", "类别", "机构类型", "设施类型", "机构类别", "type", "amenity", "category"),
    "capacity": (
        "capacity", "床位数", "床位", "养老床位", "核定床位", "托位数", "托位", "核定托位", "学位数", "容量",
        "规模", "可容纳人数", "beds", "places", "plazas", "seats",
    ),
    "beds": (
        "beds", "床位数", "床位", "养老床位", "养老床位数", "核定床位", "核定床位数", "总床位数", "护理床位数",
        "bed_count", "number_of_beds", "bed_num", "beds_total",
    ),
    "seats": (
        "seats", "托位数", "托位", "核定托位", "核定托位数", "普惠托位数", "学位数", "座位数", "childcare_places",
        "seat_count", "number_of_seats", "slots",
    ),
    "inclusive": ("inclusive", "普惠", "是否普惠", "普惠性", "普惠托位"),
    "operator": ("operator", "运营单位", "运营方", "举办者", "主办单位", "机构性质", "运营主体"),
    "grade": ("grade", "等级", "星级", "评定等级"),
    "status": (
        "status", "状态", "运营状态", "营业状态", "经营状态", "机构状态", "建设状态", "是否运营", "使用状态",
        "operating_status", "state",
    ),
    "opened": (
        "opened", "开业时间", "开业日期", "成立时间", "成立日期", "投入使用时间", "投用时间", "启用日期",
        "启用时间", "建成时间", "建成年份", "开园时间", "opening_date", "open_date", "start_date", "date_opened",
    ),
    "closed": (
        "closed", "停业时间", "停业日期", "关闭时间", "关闭日期", "停办时间", "注销日期", "closing_date",
        "close_date", "end_date", "date_closed",
    ),
    "built": (
        "built", "建成时间", "建成年份", "建成年代", "建成日期", "竣工时间", "竣工日期", "竣工年份", "交付时间",
        "建筑年代", "year_built", "built_year", "completed",
    ),
    "households": ("households", "户数", "总户数", "住户数", "家庭户数", "家庭户", "units", "dwellings"),
    "age_friendly": ("age_friendly", "老年友好社区", "老年友好", "示范性老年友好社区", "是否老年友好社区"),
    "child_friendly": ("child_friendly", "儿童友好社区", "儿童友好", "儿童友好示范社区", "是否儿童友好社区"),
    "walled": (
        "walled", "封闭", "是否封闭", "封闭小区", "是否封闭小区", "封闭管理", "是否封闭管理", "有无围墙",
        "是否有围墙", "gated", "is_gated", "gated_community", "fenced",
    ),
    "parent": (
        "parent", "上级编号", "上级编码", "上级代码", "上级区划代码", "父级编码", "父级代码", "所属街道代码",
        "所属镇街代码", "所属乡镇代码", "所属区代码", "所属区县代码", "parent_id", "parent_code", "pcode",
    ),
    "urban": (
        "urban", "城乡", "城乡属性", "城乡分类", "城乡类型", "是否城镇", "城镇", "是否城区", "is_urban",
        "urban_flag", "urban_rural",
    ),
    "city_code": ("city_code", "市代码", "市编码", "地市代码", "城市代码", "所属市代码", "city_id", "citycode"),
    "district_code": (
        "district_code", "区代码", "区编码", "区县代码", "区县编码", "县代码", "所属区代码", "所属区县代码",
        "district_id", "county_code", "county_id",
    ),
    "town_code": (
        "town_code", "街道代码", "街道编码", "乡镇代码", "乡镇编码", "镇街代码", "镇街编码", "乡镇街道代码",
        "所属街道代码", "所属镇街代码", "town_id", "street_code", "subdistrict_code", "township_code",
    ),
    "community_code": (
        "community_code", "社区代码", "社区编码", "村居代码", "村居编码", "居委会代码", "居委会编码",
        "所属社区代码", "community_id", "neighbourhood_code", "village_code",
    ),
    "block_id": (
        "block_id", "小区编号", "小区编码", "小区代码", "所属小区", "所属小区编号", "所属小区编码", "小区id",
        "quarter_id", "quarter", "estate_id", "compound_id",
    ),
    "services": ("services", "允许服务", "可设服务", "适用服务", "可用于", "允许用途", "拟设服务", "allowed_services"),
    "area_m2": (
        "area_m2", "面积", "建筑面积", "使用面积", "可用面积", "房屋面积", "闲置面积", "建筑面积(平方米)", "面积(㎡)",
        "floor_area", "area", "gfa", "superficie",
    ),
    "rent": ("rent", "租金", "年租金", "月租金", "租赁费用", "租金(万元/年)", "annual_rent", "alquiler"),
    "cost": (
        "cost", "造价", "改造费用", "改造费", "改造成本", "建设成本", "建设费用", "投资", "总投资", "投资额", "投资估算",
        "预算", "capex", "investment", "coste",
    ),
    "road_kind": (
        "highway", "fclass", "道路类型", "道路等级", "道路类别", "道路级别", "类型", "等级", "road_type", "class", "type",
    ),
    "facility_id": (
        "facility_id", "机构编号", "机构编码", "设施编号", "设施编码", "所属机构", "所属机构编号", "所属设施",
        "所属设施编号", "设施id", "机构id", "station_id",
    ),
}  # fmt: skip
# attributes of facilities are called as their table says, besides what is listed above
ALIASES |= {
    name: tuple(dict.fromkeys((*ALIASES.get(name, (name,)), one.zh, *one.aliases)))
    for name, one in facility_attributes().items()
}

CUT_BYTES = (9, 10)  # of a name that a Shapefile has cut


def likely_columns(name: str, columns: Sequence[str]) -> list[str]:
    """The columns that may be our ``name``, most likely first.

    >>> likely_columns("population", ["小区", "常住人口（人）", "户数"])
    ['常住人口（人）']
    """
    ranks = [(rank, place) for place, c in enumerate(columns) if (rank := fit(name, c)) is not None]
    return [columns[place] for _, place in sorted(ranks)]


def fit(name: str, column: str) -> int | None:
    """How early among the aliases of ``name`` a column stands; None where it is none.

    A bracket behind the name, such as （人）, is not part of it. A Chinese name that a Shapefile
    has cut (60岁以上人) stands for the whole one.
    """
    plain = comparable(column)
    aliases = [comparable(alias) for alias in ALIASES.get(name, (name,))]
    for rank, alias in enumerate(aliases):
        if alias in {plain, plain.partition("(")[0]}:
            return rank
    cut = not plain.isascii() and len(plain.encode("gb18030", "replace")) in CUT_BYTES
    return next((rank for rank, one in enumerate(aliases) if cut and one.startswith(plain)), None)


def comparable(name: str) -> str:
    """A column name as it is compared: NFKC, small letters, without blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def suggestion(name: str, columns: Sequence[str]) -> dict[str, str]:
    """The end of a message that misses ``name``: the likely column, or nothing."""
    likely = likely_columns(name, columns)
    if not likely:
        return misread(columns)
    return {"zh": f"。可能是：{likely[0]}", "en": f". Likely: {likely[0]}"}


def misread(columns: Sequence[str]) -> dict[str, str]:
    """The end of a message about columns that no header may have looked like.

    Several without a name come of a header in two rows; Latin letters that are Chinese in
    GB18030, of a wrong encoding.
    """
    if sum(column.startswith("(column ") for column in columns) > 1:
        return {
            "zh": "。表头是否占两行？请用 header_row = ... 指明列名所在行",
            "en": ". Is the header in two rows? Say header_row = ... for the one with the names",
        }
    try:
        chinese = "".join(columns).encode("latin-1").decode("gb18030")
    except UnicodeError:
        return {"zh": "", "en": ""}
    if not any("\u4e00" <= letter <= "\u9fff" for letter in chinese):
        return {"zh": "", "en": ""}
    return {
        "zh": '。列名是以错误编码读出的中文：请写 encoding = "gb18030"',
        "en": '. These are Chinese names read in the wrong encoding: say encoding = "gb18030"',
    }
