"""discord.py's private side, by subject: only here the bot reaches behind what the library documents.

tests/unit/library holds a test for each thing that is taken for granted.
"""
