"""Keys: passphrases, the key file, granting and revoking access, sealed rows."""
