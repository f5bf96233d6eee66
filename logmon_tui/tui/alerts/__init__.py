"""Everything on the screen about alerts: texts, rows, windows, toasts, bells."""
