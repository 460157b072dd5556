"""Open every layer of a GeoPackage in QGIS as a user would, and tell what QGIS made of it.

    python3 qgis_opens.py RESULTS.GPKG PICTURE.PNG

Runs with the Python that QGIS is installed for, not with that of the tests. One JSON line.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    QgsApplication,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

DRAWN = ("site_plan", "facilities", "neighbourhoods", "reach", "quarters")


def told(layer):
    """The renderer, its rules, the labels and the names of the columns."""
    rules = (
        layer.renderer().rootRule().children() if layer.renderer().type() == "RuleRenderer" else []
    )
    return {
        "renderer": layer.renderer().type(),
        "groups": [rule.label() for rule in rules],
        "on": [rule.active() for rule in rules],
        "rules": [len(rule.children()) for rule in rules],
        "layers": [
            [
                one.symbol().symbolLayer(at).layerType()
                for at in range(one.symbol().symbolLayerCount())
            ]
            for rule in rules[:1]
            for one in rule.children()
        ],
        "labels": layer.labelsEnabled(),
        "aliases": {field.name(): field.alias() for field in layer.fields() if field.alias()},
        "features": layer.featureCount(),
    }


def main(path, picture):
    application = QgsApplication([], False)  # must outlive the layers
    application.initQgis()
    found, drawn = {}, {}
    for name in sys.argv[3:]:
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        layer.loadDefaultStyle()
        found[name] = told(layer)
        drawn[name] = layer
    settings = QgsMapSettings()
    shown = [drawn[name] for name in DRAWN if name in drawn]
    settings.setLayers(shown)
    settings.setDestinationCrs(shown[0].crs())
    settings.setOutputSize(QSize(1100, 800))
    settings.setExtent(drawn["quarters"].extent())
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)
    print(json.dumps(found), flush=True)
    os._exit(0)  # QGIS 3.22 crashes when it is taken down with layers open


main(sys.argv[1], sys.argv[2])
