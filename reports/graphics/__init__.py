"""Charts, the map and PDF. Pure: no Django."""
