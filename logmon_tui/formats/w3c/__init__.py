"""W3C extended logs, in which headers name the fields of the lines after them."""
