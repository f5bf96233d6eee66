"""Why an incident fired: the hits of the last minutes, and which of their keys rose."""
