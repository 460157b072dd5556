"""What a run gives to a notebook: the results, and three ways to look at them.

>>> result = carecircle.Study.from_file("study.toml").run()  # doctest: +SKIP
>>> result.summary()  # doctest: +SKIP
>>> result.plot("elderly")  # doctest: +SKIP
>>> result.explore("childcare")  # doctest: +SKIP
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pandas as pd

from carecircle.coverage.result import CircleResult, StudyResult
from carecircle.coverage.summary import study_summary
from carecircle.layers.problems import Language

if TYPE_CHECKING:
    import folium
    from matplotlib.figure import Figure

FIGURES = ("minutes", "facilities", "target_percent", "verdict", "people_to_target")


class Results(StudyResult):
    """The results of a run, with tables, maps for paper and maps to explore."""

    @classmethod
    def of(cls, study: StudyResult) -> Results:
        """The same results, with what a notebook asks of them."""
        return cls(**{field.name: getattr(study, field.name) for field in fields(study)})

    def summary(self) -> pd.DataFrame:
        """A row for each circle, by its id: people, shares in percent (cut) and the verdict.

        ``people``, ``people_covered``, ``people_uncovered``, ``people_excluded`` add up;
        ``percent`` of people, ``quarters_percent``, ``land_percent``. All figures of a run:
        `carecircle.coverage.summary.study_summary`.
        """
        rows = {one["id"]: summary_row(one) for one in study_summary(self)["circles"]}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("circle")

    def plot(
        self, circle: str | None = None, lang: Language = "zh", unit: str | None = None
    ) -> Figure:
        """The A3 sheet of a circle, of the whole area or of one unit, as a matplotlib figure.

        Raises
        ------
        KeyError
            There is no such circle in the study.
        """
        from carecircle.maps.sheet import circle_map

        id = self.circle_of(circle).circle.id
        return circle_map(self, study_summary(self), id, lang, unit)

    def explore(self, circle: str | None = None, lang: Language = "zh") -> folium.Map:
        """A circle on a folium map, without any request to the network.

        Names of the data are neutralised: nothing in them runs as HTML or as a template.

        Raises
        ------
        KeyError
            There is no such circle in the study.
        """
        from carecircle.maps.explored import explored

        return explored(self, self.circle_of(circle), lang)

    def circle_of(self, id: str | None) -> CircleResult:
        """A circle by its id; the first where none is named."""
        found = {one.circle.id: one for one in self.circles}
        if id is not None and id not in found:
            raise KeyError(f"no circle {id!r} in this study: {', '.join(found)}")
        return self.circles[0] if id is None else found[id]


def summary_row(circle: dict[str, Any]) -> dict[str, Any]:
    """The figures of a circle that stand in one row."""
    people = circle["people"]
    return {
        "people": people["input"],
        "people_covered": people["covered"],
        "people_uncovered": people["uncovered"],
        "people_excluded": sum(people["excluded"].values()),
        "percent": people["percent"],
        "quarters_percent": circle["quarters"]["percent"],
        "land_percent": circle["land_m2"]["percent"],
        **{name: circle[name] for name in FIGURES},
    }
