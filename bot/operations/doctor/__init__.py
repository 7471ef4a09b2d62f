"""``python -m bot doctor``: checks a real installation, each finding with its cure."""
