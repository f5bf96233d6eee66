"""Make rules from the settings: built-in ones, shipped ones, and the user's own.

Tables of a settings file come in, checked rules go out. The messages of rules live here too.
"""
