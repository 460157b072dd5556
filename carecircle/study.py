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

from geopandas import GeoDataFrame

from carecircle import assumptions
from carecircle.coverage.circle import SiteSettings, study_circle
from carecircle.coverage.result import Circle, CircleResult, StudyResult
from carecircle.fetched import with_extract
from carecircle.inputs import Inputs, Reader
from carecircle.isochrones.walkers import WALKERS
from carecircle.maps.manifest import described_inputs
from carecircle.steps import Steps
from carecircle.studyfile import (
    GROUP_OF_SERVICE,
    WALKER_OF_SERVICE,
    StudyFile,
    input_paths,
    load_study_file,
    parse_study,
    target_text,
)


class Study:
    """One study: a city's streets, people and facilities, and the circles to test."""

    def __init__(self, file: StudyFile, graph: Any = None) -> None:
        self.file = file
        self.graph = graph
        self.inputs: list[dict[str, Any]] = []  # hashes of the files, taken before reading

    @classmethod
    def from_file(cls, path: str | Path) -> Study:
        """The study a TOML file describes. Raises `StudyError` with every mistake in it."""
        return cls(load_study_file(Path(path)))

    @classmethod
    def from_layers(
        cls,
        name: str,
        network: Any,
        residential: GeoDataFrame | None = None,
        facilities: GeoDataFrame | None = None,
        admin: GeoDataFrame | None = None,
        area: GeoDataFrame | None = None,
        entrances: GeoDataFrame | None = None,
        **tables: Any,
    ) -> Study:
        """The same study with its layers in memory.

        Parameters
        ----------
        network : path or osmnx graph
            A street file, or a networkx MultiDiGraph as osmnx makes it.
        residential, facilities, admin, area, entrances : GeoDataFrame
            With a CRS; checked like a file, and left unchanged. The index gives the ids.
        **tables
            Tables of the study file, such as ``people={"age_60_plus_share": 0.2}``,
            ``circles=[...]``, or ``residential_options={"columns": {...}}`` for a layer's own.

        Raises
        ------
        StudyError
            A table that the study file would not allow.
        """
        graph = None if isinstance(network, str | Path) else network
        given = {"residential": residential, "area": area, "entrances": entrances}
        written: dict[str, Any] = {
            "study": {"name": name},
            "network": {"path": network if graph is None else "graph"},
        }
        for layer, rows in given.items():
            if rows is not None:
                written[layer] = {"path": layer, **tables.pop(f"{layer}_options", {})}
        lists = {"facilities": facilities, "admin": admin}
        for layer, rows in lists.items():
            if rows is not None:
                written[layer] = [{"path": layer, **tables.pop(f"{layer}_options", {})}]
        file = parse_study({**written, **tables}, name)
        held: dict[str, Any] = {
            layer: getattr(file, layer).holding(rows)
            for layer, rows in given.items()
            if rows is not None
        }
        for layer, rows in lists.items():
            if rows is not None:
                held[layer] = (getattr(file, layer)[0].holding(rows),)
        return cls(file.model_copy(update=held), graph)

    def read(self, steps: Steps | None = None) -> Inputs:
        """Read and check everything. Raises `StudyError` with all there is to repair."""
        self.file = with_extract(self.file)
        files = [path for path in input_paths(self.file) if path.is_file()]
        self.inputs = described_inputs(files)
        return Reader(self.file, self.stated_date() or today(), self.graph).read(steps or Steps())

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
            date=self.stated_date(),
            computed=today(),
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
            estimated=inputs.estimated,
            cells=bool(self.file.residential and self.file.residential.cell_m),
            parameters=self.file.model_dump(mode="json", exclude_unset=False),
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

    def stated_date(self) -> str | None:
        """The day the study says its data stands for, in ISO form."""
        stated = self.file.study.date
        return None if stated is None else stated.isoformat()

    def manifest_facts(self, steps: Steps) -> dict[str, Any]:
        """What the manifest says of this run beside its results."""
        return {
            "inputs": self.inputs,
            "parameters": self.file.model_dump(mode="json"),
            "seconds": dict(steps.seconds),
        }


def today() -> str:
    """The day of the run, in ISO form; that of `SOURCE_DATE_EPOCH` where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.date.today().isoformat()
    return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date().isoformat()


def study_one(circle: Circle, inputs: Inputs, settings: SiteSettings) -> CircleResult:
    """One circle over the study's inputs."""
    home_snaps, facility_snaps = inputs.snaps_for(circle.walker)
    return study_circle(
        circle,
        inputs.network,
        inputs.residential,
        inputs.homes,
        home_snaps,
        inputs.facilities,
        facility_snaps,
        inputs.units,
        settings,
    )
