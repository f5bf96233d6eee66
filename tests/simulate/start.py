"""When the simulated traffic of tests begins."""

START = 1_763_800_000  # 2025-11-22 08:26:40 UTC
