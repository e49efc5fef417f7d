"""Django's SQLite, with connections that are kept from request to request as long as the file is the same."""
