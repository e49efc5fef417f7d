"""The first screen, the dashboard and the state of the service."""
