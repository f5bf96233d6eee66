"""Find out why an incident fired: keep the hits of the last minutes, and see which keys rose."""
