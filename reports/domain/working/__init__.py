"""What officers do with a tip: move it, write notes, label it, join it to an enquiry, tell of danger."""
