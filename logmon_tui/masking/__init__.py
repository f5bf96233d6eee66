"""Masking: lines of a log without what tells of persons: clients, users and queries.

`masks` shortens addresses and makes pseudonyms, `pseudonyms` names clients and users by them, and
`edits` applies either to the fields of lines. The room is pure.
"""
