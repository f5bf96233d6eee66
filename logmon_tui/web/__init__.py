"""From snapshots to browsers: the live page and the API of a running watch, over HTTP.

A thread of its own serves (`server`); the pipeline's thread answers questions (`engine`). A request
passes, in this order:

    connection   time, size and number of requests are limited
    security     host, origin and token are checked; every answer gets the same strict headers
    app          the page, its events (`hub`), the figures for Prometheus, the API

`picture` makes what the page shows of an answer; `page` has the page itself, with its scripts.
What many viewers see is asked, made and encoded once. Errors are `problems`, all of one form.
Nothing here imports Starlette before a server is asked for.
"""
