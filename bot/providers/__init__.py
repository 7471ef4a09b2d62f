"""The model endpoints and picture hosts: bytes in, events and pictures out.

``http.transport`` → ``wire.framing`` (bytes to objects) → ``model.fusion`` or ``model.chat_completions`` (objects to
parts) → ``answer`` (parts to events). ``model.stream`` ties them together. ``picture.fetcher`` downloads pictures.
"""
