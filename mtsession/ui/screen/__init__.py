"""What does the therapist see at a glance, from two metres, with both hands on an instrument?"""
