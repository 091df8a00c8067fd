"""What does each address of the desk answer? One module a subject."""
