"""What loggers put around the lines of a log, and formats in such wrappers."""
