"""Simulated traffic: an imagined site, a scenario of incidents, and their log lines."""
