"""Who works at the desk: roles, joining, second factors, sessions."""
