"""Screens over the dashboard about the program itself: the help with all keys, and the manual."""
