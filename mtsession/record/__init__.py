"""What is kept of a client's therapy, under whose key, and who signed it?"""
