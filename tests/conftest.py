"""Settings for every test."""

import os

from hypothesis import HealthCheck, settings

# Machines are shared and noisy: nothing is timed. CI tries more examples.
settings.register_profile(
    "quick", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", parent=settings.get_profile("quick"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "quick")
