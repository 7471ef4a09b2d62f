"""What a picture is, and where its bytes are."""
