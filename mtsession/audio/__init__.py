"""How does it sound, and when exactly? The instrument's sounds, mixed safely into a real or an offline stream."""
