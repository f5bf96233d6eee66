"""What can be done with recorded incidents: filter them, silence them, describe their evidence."""
