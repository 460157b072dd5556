"""Which residents can walk to care in time, and where should the next station go?"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Study", "StudyError", "__version__", "result_layers"]

# In a wheel the four folders lie inside this one; in a checkout they lie beside it.
if not Path(__path__[0], "coverage").is_dir():
    __path__.append(str(Path(__path__[0]).parent))

if TYPE_CHECKING:
    from carecircle.layers.problems import StudyError
    from carecircle.maps.geopackage import result_layers
    from carecircle.study import Study


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used: the command line needs none of them."""
    if name == "Study":
        from carecircle.study import Study

        return Study
    if name == "StudyError":
        from carecircle.layers.problems import StudyError

        return StudyError
    if name == "result_layers":
        from carecircle.maps.geopackage import result_layers

        return result_layers
    raise AttributeError(f"module 'carecircle' has no attribute {name!r}")
