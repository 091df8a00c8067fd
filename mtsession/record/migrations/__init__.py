"""How does a case record of any earlier version become one of this version, with nothing lost?"""
