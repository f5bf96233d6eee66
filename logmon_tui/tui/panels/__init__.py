"""The panels, one file each; `registry` lists them. Each shows one aspect of a Snapshot."""
