"""For all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Times of a busy machine say nothing; and a failure that cannot be repeated says little.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")
