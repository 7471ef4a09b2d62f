"""The engine, its connections and its statements."""
