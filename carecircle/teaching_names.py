"""What are things called in the teaching city? Made-up names, the same for the same seed.

The words are ordinary ones; where a name happens to exist somewhere, it is not meant.
"""

from __future__ import annotations

from itertools import product

import numpy as np

DISTRICT = {"zh": "云岭区（教学示例，虚构）", "en": "Yunling (synthetic, for teaching)"}
LABEL = {
    "zh": "教学示例，虚构：街道、居民与设施均由程序生成",
    "en": "Synthetic, for teaching: streets, people and facilities were made by a program",
}

FIRST = "云石清望松竹梅翠锦临听桂枫银青玉碧金紫龙"
SECOND = "岭桥溪江坪湾林泉台岩滩岗峰谷渡亭园坡屏湖"
QUARTER_ENDINGS = {
    "lanes": ("巷", "里", "坊", "大院"),
    "walled": ("花园", "雅苑", "家园", "名城", "华庭"),
    "terraces": ("坡", "台", "村", "崖"),
}
FACILITY_KINDS = {
    "elderly": ("社区养老服务站", "日间照料中心", "养老院"),
    "childcare": ("社区托育点", "托育中心", "托儿所"),
}


def place_names(count: int, draw: np.random.Generator, endings: tuple[str, ...]) -> list[str]:
    """So many names: two-character words with an ending, all different.

    Where the words run out they are used again with a number.
    """
    words = ["".join(pair) for pair in product(FIRST, SECOND)]
    shuffled = [words[at] for at in np.argsort(draw.random(len(words)), kind="stable")]
    names = []
    for at in range(count):
        again, word = divmod(at, len(shuffled))
        turn, ending = divmod(again, len(endings))
        number = f"{turn + 1}号" if turn else ""
        names.append(f"{shuffled[word]}{number}{endings[(ending + at) % len(endings)]}")
    return names
