"""How a tip comes in: accepted, sealed, kept in the outbox, drained into the database."""
