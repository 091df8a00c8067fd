"""What would players whose turns, tempo and coupling are known play? Seeded, with the truth beside what is played."""
