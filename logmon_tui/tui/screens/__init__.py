"""Screens over the dashboard that are about the program itself: keys, manual."""
