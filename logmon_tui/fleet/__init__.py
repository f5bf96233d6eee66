"""What agents, brokers and dashboards say to each other, and how a broker is reached."""
