"""What do people see? The therapist's live screen, the tablets' pads and the desk after the session."""
