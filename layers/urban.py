"""Do these quarters lie in town or in the country?

Plans set other targets for towns than for villages. A unit may carry a flag ``urban``; a quarter
is in town when the smallest of its units that has the flag says so.
"""

from __future__ import annotations

import pandas as pd
from geopandas import GeoDataFrame

from carecircle.layers.admin_units import column_of, levels_of


def urban_of_rows(layer: GeoDataFrame, units: GeoDataFrame) -> pd.Series:
    """Whether each row lies in an urban unit: nullable boolean on the layer's index.

    Parameters
    ----------
    layer : GeoDataFrame
        With the unit of each row at every level (`admin_units.units_of_rows`).
    units : GeoDataFrame
        Index ``admin_id``; ``level``, ``urban`` (nullable boolean).
    """
    urban = pd.Series(pd.NA, index=layer.index, dtype="boolean", name="urban")
    for level in reversed(levels_of(units)):
        flags = units.loc[units["level"] == level, "urban"].astype("boolean")
        urban = urban.fillna(layer[column_of(level)].map(flags).astype("boolean"))
    return urban
