"""The story of a run: streets, people, circles, results.

>>> import carecircle
>>> result = carecircle.Study.from_file("study.toml").run()  # doctest: +SKIP
>>> result.circles[0].coverage.people.percent  # doctest: +SKIP
62.4
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from carecircle import assumptions
from carecircle.coverage.circle import SiteSettings, study_circle
from carecircle.coverage.result import Circle, CircleResult, StudyResult
from carecircle.inputs import Inputs, Reader
from carecircle.isochrones.walkers import WALKERS
from carecircle.steps import Steps
from carecircle.studyfile import (
    GROUP_OF_SERVICE,
    WALKER_OF_SERVICE,
    StudyFile,
    input_paths,
    load_study_file,
    target_text,
)


class Study:
    """One study: a city's streets, people and facilities, and the circles to test."""

    def __init__(self, file: StudyFile, graph: Any = None) -> None:
        self.file = file
        self.graph = graph

    @classmethod
    def from_file(cls, path: str | Path) -> Study:
        """The study a TOML file describes. Raises `StudyError` with every mistake in it."""
        return cls(load_study_file(Path(path)))

    def read(self, steps: Steps | None = None) -> Inputs:
        """Read and check everything. Raises `StudyError` with all there is to repair."""
        return Reader(self.file, self.graph).read(steps or Steps())

    def run(self, steps: Steps | None = None) -> StudyResult:
        """Read, measure, and find sites for every circle."""
        steps = steps or Steps()
        inputs = self.read(steps)
        circles = list(self.circles())
        results = []
        for circle in circles:
            with steps.step(circle.id):
                results.append(study_one(circle, inputs, self.site_settings()))
        return StudyResult(
            name=self.file.study.name,
            date=self.date(),
            map_approval_number=self.file.study.map_approval_number,
            crs=inputs.network.crs,
            output_crs=inputs.output_crs,
            network=inputs.network,
            residential=inputs.residential,
            homes=inputs.homes,
            facilities=inputs.facilities,
            circles=tuple(results),
            assumptions=(
                *assumptions.walking(circles),
                *inputs.assumptions,
                *assumptions.method(self.file.snap.warn_m, self.file.snap.limit_m),
            ),
            attributions=inputs.attributions,
            snap_facts=inputs.snap_facts,
            records=inputs.records,
            files=inputs.files,
        )

    def circles(self) -> Iterator[Circle]:
        """The circles of the study file, with their walkers."""
        for section in self.file.circles:
            yield Circle(
                service=section.service,
                group=GROUP_OF_SERVICE[section.service],
                walker=WALKERS[section.walker or WALKER_OF_SERVICE[section.service]],
                minutes=section.minutes,
                target_percent=target_text(section),
            )

    def site_settings(self) -> SiteSettings:
        """How many new stations, and how finely to look for places."""
        sites = self.file.sites
        return SiteSettings(sites.count, sites.spacing_m, sites.time_limit_s)

    def manifest_facts(self, steps: Steps) -> dict[str, Any]:
        """What the manifest says of this run beside its results."""
        return {
            "inputs": [str(path) for path in input_paths(self.file)],
            "parameters": self.file.model_dump(mode="json"),
            "seconds": dict(steps.seconds),
        }

    def date(self) -> str:
        """The stated date, else the day of the run (`SOURCE_DATE_EPOCH` where it is set)."""
        if self.file.study.date is not None:
            return self.file.study.date.isoformat()
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        now = (
            datetime.datetime.now()
            if epoch is None
            else datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
        )
        return now.date().isoformat()


def study_one(circle: Circle, inputs: Inputs, settings: SiteSettings) -> CircleResult:
    """One circle over the study's inputs."""
    return study_circle(
        circle,
        inputs.network,
        inputs.residential,
        inputs.homes,
        inputs.home_snaps,
        inputs.facilities,
        inputs.facility_snaps,
        inputs.units,
        settings,
    )
