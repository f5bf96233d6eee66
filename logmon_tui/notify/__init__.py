"""Reaching someone: what is told of incidents, when, to which targets, and how it gets there."""
