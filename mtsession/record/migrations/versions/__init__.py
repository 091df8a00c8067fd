"""Which steps has the schema taken, in order?"""
