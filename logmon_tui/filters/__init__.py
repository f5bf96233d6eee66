"""Filters: expressions such as `status:5xx section:/api !is:bot` that choose hits.

`language` is the door: it makes a Filter of a text. `parsing` reads the text by the fields of
`fields`; `values` knows what may stand behind a field; `expression` is the result as data, and how
it is written. `masks` applies it to a HitBatch. `completion` proposes what may come next.

The room is pure, and quick to import: only `masks` imports numpy, when a filter is first applied.
`patterns` has the shell patterns, which alert rules use too.
"""
