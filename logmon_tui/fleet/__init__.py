"""What agents, brokers and dashboards say to each other, and how a broker is reached.

`protocol` makes messages and checks those that arrive; it is pure. `access` reads and checks the
address of a broker and the files that say who one is; `connection` connects, for good. Only
`connection` imports nats-py, which is an extra.
"""
