"""What each address answers: forms are parsed, work is begun, pages are shown."""
