"""Keys: phrases, the ring, granting and revoking access, sealed rows."""
