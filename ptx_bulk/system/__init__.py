"""What the operating system gives and takes: stop signals, locks on open files, temporary folders."""
