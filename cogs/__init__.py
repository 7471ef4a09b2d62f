"""Commands and listeners, thin: each turns a Discord event into a call of a service."""
