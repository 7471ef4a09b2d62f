"""The four containers of pictures, one file each: measured, stripped, and refused where no encoder made them.

Bounds on what a file may hold are several times what encoders write; each says what that is.
"""
