"""Who can open a tip: phrases, the ring, access given and taken, sealing anew under a new key."""
