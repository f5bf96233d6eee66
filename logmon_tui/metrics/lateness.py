"""How far lateness is told: apart from `arrivals`, as the screen must not import numpy. Pure."""

LATEST = 60
"""Seconds up to which lateness is told apart."""
