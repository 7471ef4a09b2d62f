"""What models write that Discord shows wrongly, mended on its way out."""
