"""All of the screen that is about alerts: words, rows, windows, toasts, bells."""
