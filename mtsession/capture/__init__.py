"""How is a session kept, read back, found, exported and imported? One sealed file a session."""
