"""How things are drawn: text in cells, styles, charts, windows. No panel is known here."""
