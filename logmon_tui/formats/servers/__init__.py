"""The format strings of servers, such as Apache's LogFormat and nginx's log_format, as formats."""
