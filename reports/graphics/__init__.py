"""Charts, the map and PDF: pure drawing, no Django."""
