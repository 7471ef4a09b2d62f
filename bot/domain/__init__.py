"""Rules and values, pure: no I/O, no clock of their own, no discord, aiohttp or sqlalchemy."""
