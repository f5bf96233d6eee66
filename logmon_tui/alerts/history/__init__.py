"""What is done with incidents once they are there: filtered, silenced, told in words."""
