"""Which residents can walk to care in time, and where should the next station go?"""

from pathlib import Path

__version__ = "0.1.0"

# In a wheel the four folders lie inside this one; in a checkout they lie beside it.
if not Path(__path__[0], "coverage").is_dir():
    __path__.append(str(Path(__path__[0]).parent))
