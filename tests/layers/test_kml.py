"""KML as map services write it."""

import zipfile

import pytest
from shapely.geometry import MultiPolygon, Polygon

from carecircle.layers.formats import open_layer
from carecircle.layers.problems import StudyError
from carecircle.layers.sources import LayerSource

RING = "120,30,0 120.1,30,0 120.1,30.1,0 120,30"
HOLE = "120.01,30.01 120.02,30.01 120.02,30.02 120.01,30.01"
OUTER = (
    f"<outerBoundaryIs><LinearRing><coordinates>{RING}</coordinates></LinearRing></outerBoundaryIs>"
)
INNER = (
    f"<innerBoundaryIs><LinearRing><coordinates>{HOLE}</coordinates></LinearRing></innerBoundaryIs>"
)
SHELL = [(120, 30), (120.1, 30), (120.1, 30.1)]
GAP = [(120.01, 30.01), (120.02, 30.01), (120.02, 30.02)]


@pytest.fixture
def opened(tmp_path):
    def read(inside, **keys):
        path = tmp_path / "a.kml"
        text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'
        path.write_text(text, encoding="utf-8")
        return open_layer(LayerSource(path=path, **keys))

    return read


def test_polygons_with_holes_and_several_parts(opened):
    one = f"<Polygon>{OUTER}{INNER}</Polygon>"
    raw = opened(
        f"<Placemark>{one}</Placemark>"
        f"<Placemark><MultiGeometry>{one}<Polygon>{OUTER}</Polygon></MultiGeometry></Placemark>"
    )
    assert raw.geometry[0].equals(Polygon(SHELL, [GAP]))
    assert raw.geometry[1].geom_type == "MultiPolygon"
    parts = MultiPolygon([Polygon(SHELL, [GAP]), Polygon(SHELL)])
    assert raw.geometry[1].normalize().equals_exact(parts.normalize(), 1e-12)
    assert raw.crs == "EPSG:4326"


def test_data_of_both_kinds_become_columns(opened):
    raw = opened(
        "<Placemark><name>甲</name><ExtendedData><Data name='床位数'><value>20</value></Data>"
        "<Data name='备注'><value>x</value></Data></ExtendedData></Placemark>"
        "<Placemark><name>乙</name><ExtendedData><SchemaData schemaUrl='#s'>"
        "<SimpleData name='床位数'>30</SimpleData></SchemaData></ExtendedData></Placemark>"
    )
    assert raw.table["name"].tolist() == ["甲", "乙"]
    assert raw.table["床位数"].tolist() == ["20", "30"]
    assert raw.geometry.tolist() == [None, None]


def test_folders_are_layers(opened):
    place = "<Placemark><Point><coordinates>120,30</coordinates></Point></Placemark>"
    two = f"<Folder><name>甲</name>{place}</Folder><Folder><name>乙</name>{place * 2}</Folder>"
    with pytest.raises(StudyError) as raised:
        opened(two)
    assert raised.value.problems[0].details["layers"] == "甲, 乙"
    assert len(opened(two, layer="乙").rows) == 2


def test_a_name_twice_in_one_placemark(opened):
    data = "<Data name='a'><value>1</value></Data>"
    with pytest.raises(StudyError) as raised:
        opened(f"<Placemark><ExtendedData>{data * 2}</ExtendedData></Placemark>")
    assert raised.value.problems[0].id == "E-LAY-010"


@pytest.mark.parametrize("inside", ["", "<Folder><name>a</name></Folder>"])
def test_no_placemarks(opened, inside):
    with pytest.raises(StudyError) as raised:
        opened(inside)
    assert raised.value.problems[0].id == "E-LAY-003"


def test_a_ring_of_one_place_is_one_clear_message(opened):
    with pytest.raises(StudyError) as raised:
        opened(f"<Placemark><Polygon>{OUTER.replace(RING, '120,30')}</Polygon></Placemark>")
    assert raised.value.problems[0].id == "E-LAY-004"


@pytest.fixture
def packed(tmp_path):
    """Open a .kmz of these members, in this order."""

    def read(members, **keys):
        path = tmp_path / "a.kmz"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in members.items():
                archive.writestr(name, text)
        return open_layer(LayerSource(path=path, **keys))

    return read


def kml(inside):
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'


PLACE = "<Placemark><Point><coordinates>120,30</coordinates></Point></Placemark>"


def test_a_kmz_is_its_first_kml(packed):
    raw = packed(
        {
            "images/pin.png": "x",
            "__MACOSX/._doc.kml": "x",
            "doc.kml": kml(PLACE),
            "files/more.kml": kml(PLACE * 3),
        }
    )
    assert (raw.file, raw.layer, len(raw.rows), raw.crs) == ("a.kmz", "Document", 1, "EPSG:4326")


def test_folders_of_a_kmz_are_layers(packed):
    two = f"<Folder><name>甲</name>{PLACE}</Folder><Folder><name>乙</name>{PLACE * 2}</Folder>"
    assert len(packed({"doc.kml": kml(two)}, layer="乙").rows) == 2
    with pytest.raises(StudyError) as raised:
        packed({"doc.kml": kml(two)})
    (problem,) = raised.value.problems
    assert (problem.id, problem.file, problem.details["layers"]) == ("E-LAY-005", "a.kmz", "甲, 乙")


def test_a_kmz_without_a_kml(packed):
    with pytest.raises(StudyError) as raised:
        packed({"pin.png": "x"})
    assert [(p.id, p.file) for p in raised.value.problems] == [("E-LAY-003", "a.kmz")]
