"""W3C extended logs, whose headers name the fields of the lines that follow."""
