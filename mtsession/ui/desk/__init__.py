"""What does the therapist see after the session? Review, note and record, on this machine's own browser only."""
