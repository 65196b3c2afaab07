"""What doctor looks at, and how a check is told."""
