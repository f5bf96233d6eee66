"""Made-up traffic: sites, incidents, and the lines that they would write."""
