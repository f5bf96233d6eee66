"""What alerts are made of: a rule, an incident, the evidence kept with it. Values only."""
