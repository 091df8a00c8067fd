"""What does a session note say, what does each sentence rest on, and who answers for it?"""
