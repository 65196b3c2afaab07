"""XLSX, read in blocks of bytes by patterns, and by an XML parser wherever these cannot be sure."""
