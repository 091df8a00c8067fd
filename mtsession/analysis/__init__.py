"""What did people do together, what does it rest on, and when can nothing be said?

One module a question, pure functions on arrays of seconds; `summary.measure` asks them all of one session.
"""
