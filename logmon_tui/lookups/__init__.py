"""What is asked outside about a client: databases of places, and DNS.

`places` opens the user's GeoIP databases; they are read on this machine. `names` asks DNS for the
name of one address, only when a user asks for it: the content of a log alone never causes traffic.
Nothing here is imported unless it is used.
"""
