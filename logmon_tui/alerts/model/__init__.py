"""The values that all of alerts shares: rule, incident, evidence, state."""
