"""The story of a run: streets, people, circles, results.

>>> import carecircle
>>> result = carecircle.Study.from_file("study.toml").run()  # doctest: +SKIP
>>> result.circles[0].coverage.people.percent  # doctest: +SKIP
62.4
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from geopandas import GeoDataFrame

from carecircle import assumptions
from carecircle.accessfile import access_settings, check_catchments
from carecircle.coverage.access import AccessSettings
from carecircle.coverage.access_words import access_sentences
from carecircle.coverage.candidate_sites import SiteGround
from carecircle.coverage.circle import SiteSettings, study_circle, walk_and_measure
from carecircle.coverage.measure import NO_WAY_FOR_WALKER
from carecircle.coverage.plan import Plan
from carecircle.coverage.result import (
    Circle,
    CircleResult,
    Coverage,
    OnStreets,
    Sentence,
)
from carecircle.coverage.target_result import PlanResult
from carecircle.doors import Doors
from carecircle.fetched import with_extract
from carecircle.inputs import Inputs, Reader, needs_of
from carecircle.maps.manifest import described_inputs
from carecircle.planning import judged, plans_of
from carecircle.results import Results
from carecircle.scenariofile import load_study
from carecircle.scenariowords import scenario_facts
from carecircle.siteinputs import refuse_without_sites, site_sentences, water_of
from carecircle.sitestudy import (
    questions_of,
    with_joint_study,
    with_site_study,
    with_site_ways,
)
from carecircle.siteworlds import robust_walkers
from carecircle.steps import Steps
from carecircle.studyfile import (
    StudyFile,
    circles_of,
    input_paths,
    parse_study,
)
from carecircle.walkerfile import study_walkers
from carecircle.walkwords import no_way_out, other_street, others_walking, walking


class Study:
    """One study: a city's streets, people and facilities, and the circles to test."""

    def __init__(self, file: StudyFile, graph: Any = None) -> None:
        self.file = file
        self.graph = graph
        self.inputs: list[dict[str, Any]] = []  # hashes of the files, taken before reading
        self.plans: tuple[Plan, ...] = ()  # with the study's changes, once they are read

    @classmethod
    def from_file(cls, path: str | Path) -> Study:
        """The study that a study or a scenario file describes; `StudyError` lists all mistakes."""
        return cls(load_study(Path(path)))

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
        edits: Sequence[GeoDataFrame] = (),
        candidates: GeoDataFrame | None = None,
        **tables: Any,
    ) -> Study:
        """The same study with its layers in memory.

        Parameters
        ----------
        network : path, osmnx graph or GeoDataFrame
            A street file, a networkx MultiDiGraph as osmnx makes it, or road lines.
        residential, facilities, admin, area, entrances : GeoDataFrame
            With a CRS; checked like a file, and left unchanged. The index gives the ids.
        edits : sequence of GeoDataFrame
            Changes to the streets; ``edits_options`` has a table for each, such as
            ``[{"kind": "barrier"}]``.
        candidates : GeoDataFrame
            Places where a station could open: points or polygons; ``candidates_options``.
        **tables
            Tables of the study file, such as ``people={"age_60_plus_share": 0.2}``,
            ``circles=[...]``, or ``residential_options={"columns": {...}}`` for a layer's own.

        Raises
        ------
        StudyError
            A table that the study file would not allow.
        """
        roads = network if isinstance(network, GeoDataFrame) else None
        graph = None if roads is not None or isinstance(network, str | Path) else network
        given = {"residential": residential, "area": area, "entrances": entrances}
        written: dict[str, Any] = {
            "study": {"name": name},
            "network": {
                "path": network if isinstance(network, str | Path) else "network",
                **tables.pop("network_options", {}),
            },
            "edits": [
                {"path": f"edits-{number}", **options}
                for number, options in enumerate(tables.pop("edits_options", ()), 1)
            ],
        }
        for layer, rows in given.items():
            if rows is not None:
                written[layer] = {"path": layer, **tables.pop(f"{layer}_options", {})}
        lists = {"facilities": facilities, "admin": admin}
        for layer, rows in lists.items():
            if rows is not None:
                written[layer] = [{"path": layer, **tables.pop(f"{layer}_options", {})}]
        if candidates is not None:
            options = tables.pop("candidates_options", {})
            tables["sites"] = {
                **tables.get("sites", {}),
                "candidates": [{"path": "candidates", **options}],
            }
        file = parse_study({**written, **tables}, name)
        held: dict[str, Any] = {
            layer: getattr(file, layer).holding(rows)
            for layer, rows in given.items()
            if rows is not None
        }
        for layer, rows in lists.items():
            if rows is not None:
                held[layer] = (getattr(file, layer)[0].holding(rows),)
        if roads is not None:
            held["network"] = file.network.holding(roads)
        held["edits"] = tuple(
            source.holding(rows) for source, rows in zip(file.edits, edits, strict=True)
        )
        if candidates is not None:
            own = (file.sites.candidates[0].holding(candidates),)
            held["sites"] = file.sites.model_copy(update={"candidates": own})
        return cls(file.model_copy(update=held), graph)

    def read(self, steps: Steps | None = None) -> Inputs:
        """Read and check everything. Raises `StudyError` with all there is to repair."""
        self.file = with_extract(self.file)
        files = [path for path in input_paths(self.file) if path.is_file()]
        self.inputs = described_inputs(files)
        self.plans = plans_of(self.file.plans, self.file.plan_options, self.file.study.name)
        date, walkers = self.stated_date() or today(), [c.walker for c in self.circles()]
        walkers += study_walkers(self.file.walkers).values() if self.plans else ()
        walkers += self.measures().walkers
        walkers += robust_walkers(self.file)
        inputs = Reader(self.file, date, self.graph, needs_of(walkers)).read(steps or Steps())
        check_catchments(self.measures().catchments, inputs.facilities, self.file.study.name)
        return inputs

    def run(self, steps: Steps | None = None, site: bool = False) -> Results:
        """Read, measure, and find sites for every circle.

        Parameters
        ----------
        site : bool
            Answer the questions of ``[siting]`` as well, as ``carecircle site`` does.
        """
        steps = steps or Steps()
        inputs = self.read(steps)
        circles = list(self.circles())
        questions = questions_of(self.file, circles, inputs, self.plans) if site else {}
        measures = self.measures()
        results = []
        for circle in circles:
            with steps.step(circle.id):
                settings = self.site_settings(inputs.sites)
                results.append(study_one(circle, inputs, settings, measures))
        if site:
            with steps.step("siting"):
                if self.file.siting.together is None:
                    results = [
                        with_site_study(one, questions.get(one.circle.id), self.file, inputs)
                        for one in results
                    ]
                else:
                    results = with_joint_study(results, questions, self.file, inputs)
                results = self.with_ways(results, inputs)
        judged_plans: tuple[PlanResult, ...] = ()
        if self.plans:
            with steps.step("plans"):
                judged_plans = judged(self.plans, self.file, inputs, self.stated_date() or today())
        return Results(
            name=self.file.study.name,
            date=self.stated_date(),
            computed=today(),
            map_approval_number=self.file.study.map_approval_number,
            published=self.file.outputs.publish,
            crs=inputs.network.crs,
            output_crs=inputs.output_crs,
            network=inputs.network,
            residential=inputs.residential,
            homes=inputs.homes,
            facilities=inputs.facilities,
            circles=tuple(results),
            plans=judged_plans,
            assumptions=(
                *walking(circles, heights=inputs.network.node_z is not None),
                *others_walking(circles, measures, heights=inputs.network.node_z is not None),
                *no_way_out_of(results),
                *other_streets_of(results, inputs.doors),
                *inputs.assumptions,
                *site_sentences(results, inputs.sites),
                *(
                    one
                    for result in results
                    for found in result.site_ways[:1]
                    for one in found.assumptions
                ),
                *access_sentences(results),
                *assumptions.method(self.file.snap.warn_m, self.file.snap.limit_m),
            ),
            attributions=inputs.attributions,
            snap_facts=inputs.snap_facts,
            records=inputs.records,
            files=inputs.files,
            on_streets=tuple(on_streets(circles, measures, inputs)),
            estimated=inputs.estimated,
            cells=bool(self.file.residential and self.file.residential.cell_m),
            parameters=self.parameters(),
        )

    def with_ways(self, results: list[CircleResult], inputs: Inputs) -> list[CircleResult]:
        """The same results with new ways; unchanged where ``[siting]`` asks for none."""
        if self.file.siting.ways is None:
            return results
        water = water_of(self.file, inputs.network.crs, self.graph)
        return [with_site_ways(result, self.file, inputs, water) for result in results]

    def ask_for(self, counts: tuple[int, ...]) -> None:
        """Ask for these numbers of new stations instead of those of ``[siting]``."""
        siting = self.file.siting.model_copy(update={"count": counts})
        self.file = self.file.model_copy(update={"siting": siting})

    def circles(self) -> Iterator[Circle]:
        """The circles of the study file, with their walkers."""
        yield from circles_of(self.file)

    def measures(self) -> AccessSettings:
        """What is measured of access beside coverage."""
        return access_settings(self.file.access, self.file.doubt, study_walkers(self.file.walkers))

    def site_settings(self, ground: SiteGround) -> SiteSettings:
        """How many new stations, and where they may stand."""
        return SiteSettings(self.file.sites.count, self.file.sites.time_limit_s, ground)

    def stated_date(self) -> str | None:
        """The day the study says its data stands for, in ISO form."""
        stated = self.file.study.date
        return None if stated is None else stated.isoformat()

    def parameters(self) -> dict[str, Any]:
        """The study file as it was read, and the edits of the scenario."""
        return {**self.file.model_dump(mode="json"), **scenario_facts(self.file.scenario)}

    def manifest_facts(self, steps: Steps) -> dict[str, Any]:
        """What the manifest says of this run beside its results."""
        return {
            "inputs": self.inputs,
            "parameters": self.parameters(),
            "seconds": dict(steps.seconds),
        }


def today() -> str:
    """The day of the run, in ISO form; that of `SOURCE_DATE_EPOCH` where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.date.today().isoformat()
    return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date().isoformat()


def study_one(
    circle: Circle, inputs: Inputs, settings: SiteSettings, access: AccessSettings
) -> CircleResult:
    """One circle over the study's inputs, and its coverage for other walkers."""
    others = [(other, coverage_of(other, inputs)) for other in access.others(circle)]
    home_snaps, facility_snaps = inputs.snaps_for(circle.walker)
    result = study_circle(
        circle,
        inputs.network,
        inputs.residential,
        inputs.homes,
        home_snaps,
        inputs.facilities,
        facility_snaps,
        inputs.units,
        settings,
        near_street=inputs.doors.homes.attached,
        access=access,
        others=others,
        not_counting=inputs.others_for(circle.walker),
    )
    assert result.sites is not None  # only results made by hand have none
    refuse_without_sites(circle, result.sites, result.coverage.people.uncovered, settings.count)
    return result


def on_streets(
    circles: Iterable[Circle], measures: AccessSettings, inputs: Inputs
) -> Iterator[OnStreets]:
    """Everybody who walks in a study, each once, with the doors open to them."""
    walkers = [circle.walker for circle in circles] + list(measures.walkers)
    for walker in {walker.id: walker for walker in walkers}.values():
        yield OnStreets(walker, *inputs.snaps_for(walker))


def coverage_of(circle: Circle, inputs: Inputs) -> Coverage:
    """Who is inside one circle, and nothing else."""
    home_snaps, facility_snaps = inputs.snaps_for(circle.walker)
    return walk_and_measure(
        circle,
        inputs.network,
        inputs.residential,
        inputs.homes,
        home_snaps,
        inputs.facilities,
        facility_snaps,
        inputs.units,
        inputs.doors.homes.attached,
    ).coverage


def no_way_out_of(results: Iterable[CircleResult]) -> Iterator[Sentence]:
    """For each circle the homes that have streets near, but none that its walker can use."""
    for result in results:
        homes = result.coverage.homes
        shut = homes[homes["reason"] == NO_WAY_FOR_WALKER]
        yield from no_way_out(result.circle, len(shut), int(shut["people"].sum()))


def other_streets_of(results: Iterable[CircleResult], doors: Doors) -> Iterator[Sentence]:
    """For each circle the homes that take another street, as its walker cannot use the nearest."""
    for result in results:
        homes, _ = doors.for_walker(result.circle.walker)
        farther = homes.attached & (homes.shortest_leg_mm > doors.homes.shortest_leg_mm)
        people = int(result.coverage.homes["people"].to_numpy()[farther].sum())
        yield from other_street(result.circle, int(farther.sum()), people)
