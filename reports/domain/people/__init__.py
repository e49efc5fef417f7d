"""People at the desk: roles, joining, passkeys, sessions."""
