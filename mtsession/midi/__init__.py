"""What was played on MIDI: messages, ports and files become events and notes."""
