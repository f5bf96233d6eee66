"""From the settings to rules: those that are built in, those that are shipped, and the user's own.

Tables of a settings file come in, checked rules go out; what a rule says in words lives here too.
"""
