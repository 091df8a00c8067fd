"""How does a touch become sound, at once, and how does every event of it reach the session file?"""
