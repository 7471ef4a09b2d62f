"""The demo: what `make demo` starts, and with which options."""
