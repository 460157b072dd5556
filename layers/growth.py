"""How many people will there be in the target year?

Each group grows by its stated percent a year, compounded from the base year:
``people * (1 + percent / 100) ** years``, the total rounded to whole people and shared in
proportion to today's. A cohort without a rate of its own grows as the population does.

Limits: a stated rate is all there is. Births, deaths and migration are not modelled, and
nobody is carried from one cohort into the next, as `ageing` does.
"""

from __future__ import annotations

import math

from geopandas import GeoDataFrame

from carecircle.layers.people import Whole, largest_remainder, people_columns
from carecircle.layers.problems import Problem, StudyError
from carecircle.layers.sources import PART_OF, PeopleSettings


def grown(residential: GeoDataFrame, settings: PeopleSettings, years: int) -> GeoDataFrame:
    """The same quarters with their population and cohorts ``years`` later.

    Each column's sum is the grown sum of today, halves rounded up, and no quarter has more
    of a cohort than people, or more people of 65 than of 60 and over.

    Raises
    ------
    StudyError
        E-POP-014: a cohort would outgrow the people who can belong to it.
    """
    later: dict[str, Whole] = {}
    for group in people_columns(residential):
        now = residential[group].to_numpy()
        factor = (1 + settings.growth(group) / 100) ** years
        total = math.floor(int(now.sum()) * factor + 0.5)
        room = later.get(PART_OF.get(group, "population"), later.get("population"))
        try:
            later[group] = largest_remainder(now, total, at_most=room)
        except ValueError as error:
            details = {"group": group, "people": total}
            raise StudyError(Problem("E-POP-014", details=details)) from error
    grown_layer: GeoDataFrame = residential.assign(**later)
    return grown_layer
