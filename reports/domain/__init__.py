"""The rules of tips and the desk, as verbs. Staff verbs take `by=` and write their audit event with the change."""
