"""Drawing: text in cells, styles, charts, windows. No module here imports a panel."""
