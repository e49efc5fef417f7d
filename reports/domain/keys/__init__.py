"""Keys: phrases, the key file, granting and revoking access, sealed rows."""
