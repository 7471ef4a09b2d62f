"""The model endpoints and picture hosts: bytes in, events and pictures out.

``Transport`` (HTTP) → ``framing`` (bytes to objects) → ``FusionModel`` or ``ChatCompletionsModel`` (objects to parts) →
``assembler`` (parts to events). ``stream`` ties them together. ``PictureFetcher`` brings pictures.
"""
