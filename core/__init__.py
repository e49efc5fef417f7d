"""What both apps stand on; it knows neither of them, and has no models."""
