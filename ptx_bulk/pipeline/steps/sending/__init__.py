"""From a plan to outcomes that are proven: sending, interrupts, reading the lists again, settling what is in doubt."""
