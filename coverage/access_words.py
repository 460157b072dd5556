"""What the measures of access take for granted, in sentences that stand beside their figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from carecircle.coverage.access import CircleAccess, Doubt
from carecircle.coverage.places import ZONE_WEIGHTS
from carecircle.coverage.plan_words import GROUPS
from carecircle.coverage.result import Circle, CircleResult, Sentence
from carecircle.layers.vocabulary import facility_kinds

SERVICE_NAMES = {
    "elderly": {"zh": "养老服务圈", "en": "Elderly-care circle"},
    "childcare": {"zh": "托育服务圈", "en": "Childcare circle"},
}
METHOD_NAMES = {
    "2sfca": {"zh": "两步移动搜寻法（2SFCA）", "en": "2SFCA"},
    "e2sfca": {"zh": "分区加权（E2SFCA）", "en": "E2SFCA"},
    "gaussian": {"zh": "高斯衰减（Gaussian 2SFCA）", "en": "Gaussian 2SFCA"},
    "3sfca": {"zh": "三步移动搜寻法（3SFCA）", "en": "3SFCA"},
}
AMOUNT_NAMES = {
    "facilities": {"zh": "时限内设施数", "en": "facilities within the limit"},
    "places": {"zh": "人均名额（2SFCA）", "en": "places per person (2SFCA)"},
}
MOST_NAMED = 10


def access_sentences(results: Iterable[CircleResult]) -> Iterator[Sentence]:
    """Everything assumed by the measures of all circles."""
    results = list(results)
    if results:
        yield at_minutes()
    for result in results:
        yield from circle_sentences(result)


def circle_sentences(result: CircleResult) -> Iterator[Sentence]:
    """What is assumed of one circle alone."""
    circle, access = result.circle, result.access
    yield band(circle, access)
    if access.households_unknown:
        yield households(circle, access.households_unknown)
    if access.places is None:
        yield no_capacity(circle)
    else:
        yield places(circle)
        yield catchments(circle)
        yield from own_catchments(result)
        yield from left_out(circle, access)
    if access.settings.doubt is not None:
        yield doubt(circle, access.settings.doubt)


def at_minutes() -> Sentence:
    """How people within so many minutes and with a second choice are counted."""
    return Sentence(
        "access-minutes",
        "各时限内的人数、第二近设施、可选设施数均按住户沿同一路网统计，时限含端点；"
        "户数按小区人口分摊到住户点。不均衡指数只说明分配是否均匀，不说明是否足够。",
        "People within other minutes, with a second facility or with a choice are counted at the "
        "same homes along the same streets, limits included; households go with the people of "
        "their quarter. Indices of fairness tell how evenly access is shared, never whether it is "
        "enough.",
    )


def band(circle: Circle, access: CircleAccess) -> Sentence:
    """At which speeds the verdict was tried."""
    speeds = [f"{speed / 1000:g}" for speed in access.band.index]
    name = SERVICE_NAMES[circle.service]
    return Sentence(
        f"access-speeds-{circle.id}",
        f"{name['zh']}：结论另按每秒 {'、'.join(speeds)} 米的步速检验；"
        "坡度、台阶和过街等待的设定不变，只改变步速。",
        f"{name['en']}: the verdict is tried at {', '.join(speeds)} m/s as well; steps, slopes and "
        "waits stay as the walker has them, and everybody walks at the same speed.",
    )


def households(circle: Circle, unknown: int) -> Sentence:
    """How many quarters do not tell their households."""
    name = SERVICE_NAMES[circle.service]
    return Sentence(
        f"access-households-{circle.id}",
        f"{name['zh']}：{unknown} 个小区未填户数，不计入任何户数。",
        f"{name['en']}: {unknown} quarters do not tell their households and are in no figure of "
        "households.",
    )


def no_capacity(circle: Circle) -> Sentence:
    """Why nothing is said about places."""
    name = SERVICE_NAMES[circle.service]
    return Sentence(
        f"access-places-{circle.id}",
        f"{name['zh']}：没有任何设施注明容量，名额是否足够未作评价。请在设施图层中填写 capacity、"
        "beds 或 seats。",
        f"{name['en']}: no facility tells its capacity, so whether there are places enough is not "
        "assessed. Give capacity, beds or seats in the layer of facilities.",
    )


def places(circle: Circle) -> Sentence:
    """Who looks for a place, and how places are given."""
    name, group = SERVICE_NAMES[circle.service], GROUPS[circle.group]
    asking = who_looks(circle)
    return Sentence(
        f"access-places-{circle.id}",
        f"{name['zh']}：假定{group['zh']}人口的 {circle.demand_percent}% 需要一个名额"
        f"{asking['zh']}，每个名额一人，在 {circle.minutes} 分钟内统一分配，先使得到名额的人最多，"
        "再使步行总时间最短；"
        "是统一登记所能达到的最好结果，实际不会更好。远离街道的人按够不着计。"
        "没有名额不等于未覆盖：步行覆盖只看时限内有无设施，不看名额。",
        f"{name['en']}: {circle.demand_percent} % of the people {group['en']} are taken to look "
        f"for a place{asking['en']}, one each, handed out together within {circle.minutes} minutes "
        "so that most people have one and then walk least: the best that one common register could "
        "do. People too far from a street count as out of reach. To be without a place is not to "
        "be uncovered: coverage asks for a facility within the limit, not for a place in it.",
    )


def who_looks(circle: Circle) -> dict[str, str]:
    """Where the study does not say how many look for a place: that it does not."""
    if circle.demand_percent != "100":
        return {"zh": "", "en": ""}
    return {
        "zh": "（即每个人；研究文件未用 demand_percent 写明更小的比例。"
        "实际需要床位或托位的人通常只是其中一部分，此时没有名额的人数不宜当作缺口）",
        "en": " (every one of them: the study states no smaller share by demand_percent. Those who "
        "really need a bed or a place are mostly a part of them, and people without a place are "
        "then no gap)",
    }


def catchments(circle: Circle) -> Sentence:
    """With which weights places per 1,000 people were shared."""
    name, group = SERVICE_NAMES[circle.service], GROUPS[circle.group]
    weights = ", ".join(f"{weight:g}" for weight in ZONE_WEIGHTS)
    return Sentence(
        f"access-catchments-{circle.id}",
        f"{name['zh']}：每千人名额以{group['zh']}人口为基数。E2SFCA 和 3SFCA 将 "
        f"{circle.minutes} 分钟等分为三段，权重 {weights}（Luo & Qi 2009，为驾车就医所定）；"
        "3SFCA 供与文献比较，"
        "其缺陷见 docs/access.md。",
        f"{name['en']}: places per 1,000 are of the people {group['en']}. E2SFCA and 3SFCA cut the "
        f"{circle.minutes} minutes into three equal zones with weights {weights} (Luo & Qi 2009, "
        "chosen for driving to doctors); 3SFCA stands for comparison with published studies, its "
        "critics in docs/access.md.",
    )


def own_catchments(result: CircleResult) -> Iterator[Sentence]:
    """Which of the circle's facilities serve how far in the figures of places per 1,000."""
    circle, own = result.circle, result.access.settings.catchments
    if own is None or own.by not in result.facilities:
        return
    there = set(result.facilities[own.by])
    minutes = [(word, minutes) for word, minutes in own.minutes if word in there]
    if not minutes:
        return
    kinds = facility_kinds() if own.by == "kind" else {}
    called = {word: kinds.get(word) for word, _ in minutes}
    zh = "、".join(f"{k.zh if (k := called[word]) else word} {m} 分钟" for word, m in minutes)
    en = ", ".join(f"{k.en if (k := called[word]) else word} {m} minutes" for word, m in minutes)
    name, by = SERVICE_NAMES[circle.service], {"kind": "类型", "grade": "等级"}[own.by]
    yield Sentence(
        f"access-own-catchments-{circle.id}",
        f"{name['zh']}：计算每千人名额时，服务范围按设施{by}另定（本研究的假设）：{zh}；"
        f"其余为 {circle.minutes} 分钟；各方法的分段和衰减随之伸缩。覆盖率和名额分配不受影响。",
        f"{name['en']}: for places per 1,000 facilities serve by their {own.by} (an assumption of "
        f"this study): {en}; others {circle.minutes} minutes. Zones and bell "
        "stretch with them. Coverage and who finds a place do not depend on it.",
    )


def left_out(circle: Circle, access: CircleAccess) -> Iterator[Sentence]:
    """Facilities that have no known capacity, or none at all."""
    name = SERVICE_NAMES[circle.service]
    if access.without_capacity:
        ids = listed(access.without_capacity)
        count = len(access.without_capacity)
        yield Sentence(
            f"access-capacity-unknown-{circle.id}",
            f"{name['zh']}：{count} 个设施未注明容量，不参与名额计算，"
            f"因此没有名额的人数可能偏多：{ids}。",
            f"{name['en']}: {count} facilities do not tell their capacity and take no part in the "
            f"figures of places, so perhaps fewer people are without one: {ids}.",
        )
    if access.empty:
        ids, count = listed(access.empty), len(access.empty)
        yield Sentence(
            f"access-capacity-zero-{circle.id}",
            f"{name['zh']}：{count} 个设施容量为 0，计入步行覆盖，但没有名额：{ids}。",
            f"{name['en']}: {count} facilities have a capacity of 0; they count for walking and "
            f"give no place: {ids}.",
        )


def doubt(circle: Circle, drawn: Doubt) -> Sentence:
    """What was drawn, how widely and how often."""
    name = SERVICE_NAMES[circle.service]
    speeds = "–".join(f"{speed / 1000:g}" for speed in drawn.speeds(circle.walker))
    waits = "–".join(f"{factor:g}" for factor in drawn.wait_factor)
    return Sentence(
        f"access-doubt-{circle.id}",
        f"{name['zh']}：随机模拟 {drawn.draws} 次（种子 {drawn.seed}）：步速 {speeds} 米/秒"
        f"（三角分布），等待时间乘以 {waits}，未标注大门的小区至大门最多多走 {drawn.gate_m:g} 米，"
        f"小区内各住户点人数的变异系数 {drawn.homes_cv:g}。路网、总人口和设施的错误不在其内。",
        f"{name['en']}: {drawn.draws} draws (seed {drawn.seed}): speed {speeds} m/s (triangle), "
        f"waits times {waits}, up to {drawn.gate_m:g} m more to the gate of quarters without a "
        "mapped one, people of a quarter's homes with a coefficient of variation of "
        f"{drawn.homes_cv:g}. Faults of streets, totals or facilities are none of it.",
    )


def listed(ids: Iterable[str]) -> str:
    """The first of some ids."""
    ids = list(ids)
    return ", ".join(ids[:MOST_NAMED]) + (" …" if len(ids) > MOST_NAMED else "")
