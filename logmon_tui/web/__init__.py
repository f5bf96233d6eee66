"""From snapshots to browsers: the live page and the API of a running watch, over HTTP.

A thread of its own serves; the pipeline's thread answers (`engine`). What is sent to many viewers
is made and encoded once.
"""
