"""What leaves for the police: grading, our own words, what gives somebody away, packs and their signatures."""
