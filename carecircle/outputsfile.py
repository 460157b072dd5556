"""The table of a study file that says what a run writes beside map and tables: ``[outputs]``."""

from __future__ import annotations

from typing import Literal

from carecircle.sitefile import Section

Format = Literal["geoparquet", "shapefile", "csv"]


class OutputsSection(Section):
    """``[outputs]``: more outputs, and whether they may go before the public.

    Attributes
    ----------
    publish
        Map and paper bear the map approval number and no draft mark; it must be stated.
    sheets
        Map sheets in A3 as PDF and pictures.
    report
        The report for Word and as a page.
    formats
        The layers and tables in these formats, too.
    """

    publish: bool = False
    sheets: bool = False
    report: bool = False
    formats: tuple[Format, ...] = ()
