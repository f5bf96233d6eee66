"""Alert rules, one file each; `registry.RULES` lists them. Pure: no I/O, no clock."""
