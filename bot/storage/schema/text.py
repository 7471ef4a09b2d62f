"""Text as both databases can hold it."""

from __future__ import annotations


def storable(text: str) -> str:
    """Return ``text`` without what a database refuses: NUL is dropped, a lone surrogate becomes U+FFFD.

    PostgreSQL takes no NUL in text (its documentation, section 8.3), and neither database's driver can encode half a
    surrogate pair, which JSON escapes may bring. Done alike for both, so that the same message reads the same.
    """
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        # Through UTF-16 two halves that stand side by side become the one character that they mean.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
