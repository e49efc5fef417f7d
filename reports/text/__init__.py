"""Pure text rules: what names people, and what gives a sender away."""
